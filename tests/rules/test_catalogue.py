"""The catalogue: every rule, by the names, titles and MITRE ids that users rely on."""

import importlib
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest

from registrywatch.rules import CATALOGUE, AnyRule, rule_named
from tests.builders.cases import for_each

EACH = for_each("rule", CATALOGUE, ids=lambda rule: rule.name)

PROMISED = """
ecr-repository-created         | Repository Created                 | TA0003 T1525
ecr-repository-policy-applied  | Repository Policy Applied          | TA0004 T1484
ecr-excessive-image-push       | Excessive ECR Image Pushed         | TA0005 T1578
ecr-image-scan-disabled        | Image Vulnerability Scan Disabled  | TA0005 T1578
ecr-images-deleted             | Images Within a Repository Deleted | TA0040 T1485
ecr-excessive-image-pull       | Excessive ECR Images Pulled        | TA0009 T1530
ecr-forced-repository-deletion | Forced Repository Deleted          | TA0005 T1578
ecr-tag-overwrite-enabled      | Image tag overwrite enabled        | TA0005 T1578
ecr-lifecycle-policy-added     | Life-Cycle Policy Added            | TA0004 T1484
acr-image-scan-disabled        | Image Vulnerability Scan Disabled  | TA0005 T1578
acr-forced-repository-deletion | Forced Repository Deleted          | TA0005 T1578
acr-excessive-image-pull       | Excessive DCR Images Pulled        | TA0009 T1530
acr-images-deleted             | Images Within a Repository Deleted | TA0040 T1485
acr-excessive-image-push       | Excessive DCR Image Pushed         | TA0005 T1578
acr-monitoring-removed         | Registry Monitoring Removed        | TA0005 T1562.008
ecr-unfamiliar-pull            | Unfamiliar Repositories Pulled     | TA0009 T1530
acr-unfamiliar-pull            | Unfamiliar Repositories Pulled     | TA0009 T1530
ecr-unfamiliar-push            | Unfamiliar Identity Pushed         | TA0003 T1525
acr-unfamiliar-push            | Unfamiliar Identity Pushed         | TA0003 T1525
ecr-foreign-access             | Foreign Account Used The Registry  | TA0010 T1537
ecr-deletion-burst             | Many Images Deleted                | TA0040 T1485
acr-deletion-burst             | Many Images Deleted                | TA0040 T1485
ecr-denied-calls               | Registry Calls Denied              | TA0007 T1526
ecr-images-archived            | Images Archived                    | TA0040 T1490
ecr-monitoring-removed         | Registry Monitoring Removed        | TA0005 T1562.008
ecr-replication-changed        | Registry Replication Changed       | TA0010 T1537
ecr-creation-template-changed  | Repository Creation Template Changed | TA0003 T1525
ecr-pull-through-cache-changed | Pull-Through Cache Changed         | TA0001 T1195.002
ecr-policy-removed             | Repository Policy Removed          | TA0005 T1562
ecr-signing-disabled           | Image Signing Disabled             | TA0005 T1553
acr-registry-exposed           | Registry Exposed                   | TA0005 T1562.007
acr-credentials-issued         | Registry Credentials Issued        | TA0003 T1098.001
acr-supply-chain-changed       | Image Supply Changed               | TA0001 T1195.002
"""


def test_names_titles_mitre_ids_and_order_are_as_promised() -> None:
    lines = [[cell.strip() for cell in line.split("|")] for line in PROMISED.strip().splitlines()]
    ours = [
        [rule.name, rule.title, " ".join(f"{m.tactic} {m.technique}" for m in rule.mitre)]
        for rule in CATALOGUE
    ]
    assert ours == lines


@EACH
def test_a_rule_is_found_by_its_name(rule: AnyRule) -> None:
    assert rule_named(rule.name) is rule


def test_a_name_that_no_rule_has_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        rule_named("ecr-nothing")


@EACH
def test_a_rule_either_judges_or_counts(rule: AnyRule) -> None:
    assert (rule.judge is None) is not (rule.counting is None)
    assert rule.reads


@EACH
def test_a_rules_name_tells_its_cloud(rule: AnyRule) -> None:
    assert rule.name.startswith({"aws": "ecr-", "azure": "acr-"}[rule.cloud])


@EACH
def test_a_rules_module_has_its_name(rule: AnyRule) -> None:
    name = rule.name.replace("-", "_")
    modules = [f"registrywatch.rules.{each}" for each in (name, name[len("ecr_") :])]
    (module,) = filter(find_spec, modules)
    assert getattr(importlib.import_module(module), name.upper()) is rule


@EACH
def test_its_texts_are_complete_sentences(rule: AnyRule) -> None:
    for text in (rule.description, rule.impact, rule.mitigation, *rule.harmless):
        assert text.endswith(".")
        assert "  " not in text
        assert text[0].isupper()
    assert rule.harmless


@EACH
def test_its_references_are_the_vendors_own_pages(rule: AnyRule) -> None:
    vendor = {"aws": "docs.aws.amazon.com", "azure": "learn.microsoft.com"}[rule.cloud]
    assert rule.references
    for reference in rule.references:
        parts = urlsplit(reference)
        assert (parts.scheme, parts.netloc) == ("https", vendor)
