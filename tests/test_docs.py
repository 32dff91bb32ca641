"""The generated pages lie in docs/ as their sources would write them today."""

import re

import pytest

from registrywatch.rules import CATALOGUE
from registrywatch.settings.variables import VARIABLES
from tools.docs import DOCS, pages


@pytest.mark.parametrize("name", pages())
def test_the_page_in_docs_is_up_to_date(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == pages()[name], f"docs/{name} is stale: run `make docs`"


def test_every_variable_is_in_the_settings_page() -> None:
    page = pages()["settings.md"]
    for variable in VARIABLES:
        name = variable.name
        for rule in CATALOGUE:
            name = name.replace(f"_{rule.name.upper().replace('-', '_')}_", "_<RULE>_")
        assert f"`{name}`" in page
        assert variable.meaning in page


def test_defaults_that_differ_between_rules_are_all_listed() -> None:
    (threshold,) = [line for line in pages()["settings.md"].splitlines() if "_THRESHOLD`" in line]
    assert re.search(r"\b50\b.* or 100, by rule", threshold)
