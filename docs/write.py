"""Writes the pages of docs/ that are generated: `python docs/write.py`."""

from pathlib import Path

from registrywatch.rules import CATALOGUE
from registrywatch.rules.document import document
from registrywatch.settings.variables import rule_variables

HERE = Path(__file__).parent


def pages() -> dict[str, str]:
    """Each generated page's text, by the name of its file."""
    return {"rules.md": document(CATALOGUE, rule_variables)}


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
