"""A record that every rule ignores hides no other record of the same action."""

from tests.builders.azure import deleted, hub, logged
from tests.builders.clock import T0
from tests.builders.detecting import raised

CLEANUP = "cleanup@example.com"
GONE = ("acr-forced-repository-deletion", "high")
IGNORED = {"ACR_FORCED_REPOSITORY_DELETION_IGNORE_ACTORS": CLEANUP}


def logged_delete(by: str) -> dict[str, object]:
    return hub(logged("Delete", image=None, tag=None, status="202", by=by, at=T0))


def test_an_ignored_delete_hides_nobody_elses_of_the_same_repository() -> None:
    found = raised(logged_delete(CLEANUP), deleted(image=None, at=T0 + 200), **IGNORED)
    assert found == [GONE]


def test_a_delete_that_was_reported_hides_the_other_record_of_it() -> None:
    found = raised(logged_delete("mallory@example.com"), deleted(image=None, at=T0 + 2), **IGNORED)
    assert found == [GONE]


def test_the_record_of_an_ignored_identity_alone_raises_nothing() -> None:
    assert raised(logged_delete(CLEANUP), **IGNORED) == []
