"""Events that differ only in their times are examined once, as if each were examined by itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from registrywatch.detector import Batch
from registrywatch.events import Actor, Pull, RegistryEvent
from registrywatch.rules import CATALOGUE
from registrywatch.rules.rule import Counting, Trust
from tests.builders.azure import deleted, hub, logged, pushed
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    delete_images,
    delete_repository,
    digest,
    expire_images,
    failed,
    foreign,
    pull,
    push,
    role,
    user,
    withheld,
)
from tests.builders.detecting import detector, events_of
from tests.builders.registry_calls import archive

COMPARED = {
    *("what", "repository", "actor", "actor_account", "account", "seen_in", "region", "registry"),
    *("registry_id", "source", "cloud", "key", "by_service"),
}
"""What sightings may read; `by_service` is computed from these."""

callers = st.sampled_from(
    [role(), role(session="bob"), role("Other"), user(), foreign(), role(account="222233334444")]
)
repositories = st.sampled_from(["one", "two"])
times = st.sampled_from([T0, T0 + 0.5, T0 + 49.5, T0 + 50, T0 + 3000.25]) | st.floats(T0, T0 + 9e4)


@st.composite
def records(draw: st.DrawFn) -> Json:
    caller, repository, at = draw(callers), draw(repositories), draw(times)
    image = draw(st.sampled_from(["v1", digest("a"), digest("b")]))
    of: dict[str, Any] = {"repository": repository, "by": caller, "at": at}
    kind = draw(st.sampled_from(["pull", "withheld", "push", "denied", "immutable"]))
    if kind == "pull":
        return pull(image, **of)
    if kind == "withheld":
        return withheld(pull(image, **of), "requestParameters")
    if kind == "denied":
        return failed(pull(image, **of))
    made = push("v1", digest("a"), **of)
    return made if kind == "push" else failed(made, "ImageTagAlreadyExistsException")


SETTINGS: list[dict[str, str]] = [
    {},
    {"ECR_EXCESSIVE_IMAGE_PULL_COUNT": "calls", "ECR_EXCESSIVE_IMAGE_PUSH_COUNT": "repositories"},
    {"ECR_EXCESSIVE_IMAGE_PULL_GROUP_BY": "ip", "ECR_EXCESSIVE_IMAGE_PUSH_GROUP_BY": "repository"},
    {"ECR_EXCESSIVE_IMAGE_PULL_IGNORE_REPOSITORIES": "two"},
    {"ECR_EXCESSIVE_IMAGE_PULL_WINDOW_SECONDS": "100"},
]


def content(batch: Batch) -> tuple[Any, Any]:
    """What each group and each actor has in the batch."""
    tallies = {
        digest: ({at: {*held} for at, held in tally.steps.items()}, sorted(tally.places))
        for digest, tally in batch.tallies.items()
    }
    touches = {
        (view, key): (share.places, share.firsts)
        for view, shares in batch.shares.items()
        for key, share in shares.items()
    }
    return tallies, touches


@pytest.mark.parametrize("variables", SETTINGS)
@given(made=st.lists(st.lists(records(), max_size=12), max_size=3))
def test_alike_events_add_what_each_adds_by_itself(
    variables: dict[str, str], made: list[list[Json]]
) -> None:
    one = detector(lambda _: None, variables, newness=True)
    batch = Batch()
    for piece in made:
        one.gather(events_of(piece), batch)
    batch.take_alike(Trust())
    together = content(batch)
    batch.gather_anew(batch.readers, (), Trust())  # one by one
    assert together == content(batch)
    assert not batch.outcome.failed


@pytest.mark.parametrize(
    "changed",
    [
        *({name: "other"} for name in ("repository", "actor_account", "account", "seen_in")),
        *({name: "other"} for name in ("region", "registry", "registry_id", "source")),
        *({"actor": Actor(id="other")}, {"actor": Actor(type="other")}, {"what": Pull(("v2",))}),
    ],
    ids=str,
)
def test_events_that_differ_in_what_sightings_read_are_not_alike(changed: dict[str, Any]) -> None:
    [event] = events_of([pull("v1")])
    event = replace(event, actor=Actor())
    batch = Batch()
    detector(lambda _: None).gather([event, event, replace(event, **changed)], batch)
    [alike] = batch.alike.values()
    assert [*alike.values()] == [[0, 1], [2]]


class Spied:
    """An event that notes what is read of it."""

    def __init__(self, of: object, read: set[str]) -> None:
        self._of, self._read = of, read

    def __getattr__(self, name: str) -> object:
        self._read.add(name)
        value = getattr(self._of, name)
        return Spied(value, self._read) if name == "actor" else value


EVENTS = events_of(
    [
        *(pull(digest("a")), pull("v1", "v2"), pull(by=foreign())),
        *(withheld(pull()), push(), push(None), withheld(push())),
        *(failed(pull()), failed(push(), "ImageTagAlreadyExistsException")),
        *(delete_images("v1"), expire_images("v1"), delete_repository(force=False), archive("v1")),
        hub(*(logged(operation) for operation in ("Pull", "Push", "Delete"))),
        *(deleted(), pushed()),
    ]
)
COUNTS = [
    pytest.param(counting, event, id=f"{rule.name}-{type(event.what).__name__}-{number}")
    for rule in CATALOGUE
    for number, counting in enumerate((*((rule.counting,) if rule.counting else ()), *rule.further))
    for event in EVENTS
    if event.cloud == rule.cloud and type(event.what) in (counting.reads or rule.reads)
]


@pytest.mark.parametrize(("counting", "event"), COUNTS)
def test_sightings_read_only_what_alike_events_have_in_common(
    counting: Counting, event: RegistryEvent
) -> None:
    read = set[str]()
    counting.sightings(Spied(event, read), Trust())  # type: ignore[arg-type]
    assert read <= COMPARED | {"id", "type"}
    hash(event.what)
