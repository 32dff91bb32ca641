"""Writes the generated pages of docs/: `make docs`, or `python -m tools.docs`."""

from pathlib import Path

from registrywatch.rules import CATALOGUE
from registrywatch.settings.destinations import every_place
from registrywatch.settings.variables import every_variable, rule_variables
from registrywatch.sources.formats.catalogue import FORMATS
from registrywatch.sources.text_logs import TEXT_FORMATS
from tools.alert_schema import document as alert_schema
from tools.coverage_page import document as coverage_page
from tools.inputs_page import document as inputs_page
from tools.rules_page import document as rules_page
from tools.settings_page import document as settings_page

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """Each generated page's text, by the name of its file."""
    return {
        "coverage.md": coverage_page(),
        "inputs.md": inputs_page(FORMATS, TEXT_FORMATS),
        "alert.schema.json": alert_schema(),
        "rules.md": rules_page(CATALOGUE, rule_variables),
        "settings.md": settings_page(every_variable(), CATALOGUE, every_place()),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
