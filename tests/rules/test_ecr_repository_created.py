"""ecr-repository-created: TLS versions are compared as versions; none recorded is no proof."""

import pytest

from registrywatch.events import RepositoryCreated
from registrywatch.rules.ecr_repository_created import tls_version
from tests.builders.cases import for_each
from tests.rules.given import grade, happened, judged

RULE = "ecr-repository-created"


def created(
    tls: str | None = "TLSv1.2", mutability: str | None = None, scan: bool | None = None
) -> RepositoryCreated:
    return RepositoryCreated(tls=tls, mutability=mutability, scan_on_push=scan)


@for_each(
    ("tls", "expected"),
    [
        ("TLSv1.2", "medium"),
        ("tlsv1.2", "medium"),
        ("TLSv1.1", "medium"),
        ("TLSv1", "medium"),
        ("SSLv3", "medium"),
        ("TLSv1.3", None),
        ("tlsv1.3", None),
        ("TLSv1.10", None),
        ("TLSv2", None),
        (None, "informational"),
        ("", "informational"),
        ("-", "informational"),
        ("not TLSv1.3 at all", "informational"),
        ("TLSv1.²", "informational"),
        ("TLSv" + "9" * 5000, "informational"),
    ],
)
def test_the_tls_version_decides(tls: str | None, expected: str | None) -> None:
    assert grade(RULE, happened(created(tls))) == expected


def test_a_missing_tls_version_is_said_to_be_missing() -> None:
    finding = judged(RULE, happened(created(None)))
    assert finding and finding.reasons[0] == "TLS version not recorded."


def test_tls_1_3_in_the_name_of_the_repository_hides_nothing() -> None:
    assert grade(RULE, happened(created(), repository="x/TLSv1.3")) == "medium"


@pytest.mark.parametrize("mode", ["MUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"])
def test_tags_that_can_be_overwritten_from_birth_are_a_reason(mode: str) -> None:
    finding = judged(RULE, happened(created(mutability=mode, scan=True)))
    assert finding and len(finding.reasons) == 2
    assert mode in finding.reasons[1]


def test_no_scanning_at_birth_is_a_reason() -> None:
    finding = judged(RULE, happened(created(mutability="IMMUTABLE", scan=False)))
    assert finding and len(finding.reasons) == 2
    assert "scan" in finding.reasons[1]


def test_what_old_records_do_not_tell_is_no_weakness() -> None:
    """Records of 2018 show neither mutability nor scanning: unknown, not weak."""
    finding = judged(RULE, happened(created()))
    assert finding and len(finding.reasons) == 1


def test_a_weak_birth_over_tls_1_3_raises_nothing() -> None:
    assert grade(RULE, happened(created("TLSv1.3", "MUTABLE", False))) is None


def test_the_summary_names_the_repository() -> None:
    finding = judged(RULE, happened(created()))
    assert finding and finding.summary == "created the repository prod/api"


def test_versions_order_as_numbers() -> None:
    versions = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLSv1.10"]
    parsed = [version for text in versions if (version := tls_version(text))]
    assert parsed == sorted(parsed)
    assert len(parsed) == len(versions)
