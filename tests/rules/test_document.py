"""The documentation of the rules is written from the catalogue, and lies in docs/ as written."""

import pytest

from docs.write import HERE, pages
from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.rules.document import document
from registrywatch.settings.variables import rule_variables

PAGE = document(CATALOGUE, rule_variables)


@pytest.mark.parametrize("name", pages())
def test_the_page_in_docs_is_up_to_date(name: str) -> None:
    written = (HERE / name).read_text(encoding="utf-8")
    assert written == pages()[name], f"docs/{name} is stale: run `python docs/write.py`"


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)
def test_everything_known_of_a_rule_is_told(rule: AnyRule) -> None:
    told = (rule.title, rule.description, rule.impact, rule.mitigation)
    names = (variable.name for variable in rule_variables(rule))
    for text in (*told, *rule.harmless, *rule.references, *names):
        assert text in PAGE


def test_the_table_links_to_each_rule() -> None:
    for rule in CATALOGUE:
        assert f"(#{rule.name})" in PAGE
        assert f"\n## {rule.name}\n" in PAGE
