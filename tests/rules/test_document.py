"""The page about the rules tells everything that is known of them."""

from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.settings.variables import rule_variables
from tests.builders.cases import for_each
from tools.rules_page import document

PAGE = document(CATALOGUE, rule_variables)


@for_each("rule", CATALOGUE, ids=lambda rule: rule.name)
def test_everything_known_of_a_rule_is_documented(rule: AnyRule) -> None:
    told = (rule.title, rule.description, rule.impact, rule.mitigation)
    names = (variable.name for variable in rule_variables(rule))
    for text in (*told, *rule.harmless, *rule.references, *names):
        assert text in PAGE


def test_the_table_links_to_each_rule() -> None:
    for rule in CATALOGUE:
        assert f"(#{rule.name})" in PAGE
        assert f"\n## {rule.name}\n" in PAGE
