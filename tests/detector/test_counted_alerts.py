"""What the alert of a counted rule tells, and that it is the same however the events come."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.alerts import Alert
from registrywatch.events import Actor, RegistryEvent
from registrywatch.windows import Claim, Counter, MemoryStore
from registrywatch.windows.claims import MOST_BODY_BYTES
from registrywatch.windows.meaning import Quiet
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    FOREIGN,
    Json,
    delete_images,
    digest,
    foreign,
    log_file,
    pull,
    push,
    role,
    root,
)
from tests.builders.detecting import Watch, alerts, detector, events_of

THREE = {"ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "3"}
STEP = 50  # seconds: a twelfth of the window


def pulls(count: int, first: int = 0, **more: Any) -> list[Json]:
    return [pull(f"v{n}", at=T0 + n, **more) for n in range(first, first + count)]


def only(*payloads: Json | list[Json], **variables: str) -> Alert:
    (alert,) = alerts(*payloads, **(variables or THREE))
    return alert


def test_it_tells_how_many_of_what_limit_in_what_time() -> None:
    alert = only(log_file(*pulls(5)))
    assert (alert.count, alert.threshold, alert.window_seconds) == (5, 3, 600)
    assert alert.summary == "Dev pulled 5 images in 10 minutes (111122223333, eu-west-1)"
    assert alert.reasons[0] == "5 images within 10 minutes; the threshold is 3."


def test_its_time_is_that_of_the_event_that_crossed() -> None:
    assert only(log_file(*pulls(5))).time == "2026-08-01T09:00:02Z"
    assert only(log_file(*reversed(pulls(5)))).time == "2026-08-01T09:00:02Z"


def test_its_events_are_those_up_to_the_crossing_at_most_twenty() -> None:
    made = pulls(40)
    few = only(log_file(*made))
    assert few.events == tuple(each["eventID"] for each in made[:3])
    many = only(log_file(*made), ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD="30")
    assert many.events == tuple(each["eventID"] for each in made[10:30])


def test_alerts_of_several_kinds_are_raised_in_the_order_of_the_groups_first_events() -> None:
    settings = {**THREE, "ECR_EXCESSIVE_IMAGE_PUSH_THRESHOLD": "3"}
    pushes = [push(f"v{n}", f"image {n}", at=T0 + n, by=role("Two")) for n in range(3)]
    made = log_file(*pulls(3, by=role("One")), *pushes, *pulls(3, by=role("Three")))
    raised = [each.summary.split()[0] for each in alerts(made, **settings) if each.count == 3]
    assert raised == ["One", "Two", "Three"]


def test_across_batches_it_names_the_events_of_the_batch_that_crossed() -> None:
    made = pulls(5)
    watch = Watch(**THREE)
    assert watch.alerts(log_file(*made[:2])) == []
    (alert,) = watch.alerts(log_file(*made[2:]))
    assert alert.events == (made[2]["eventID"],)
    assert alert.count == 5
    assert alert.repository is None, "the others' repository is not known any more"


def test_sessions_of_one_role_are_its_actor_and_the_last_is_named() -> None:
    made = [pull(f"v{n}", at=T0 + n, by=role("Dev", f"s{n}")) for n in range(3)]
    alert = only(log_file(*made))
    assert alert.actor == Actor(
        id="arn:aws:iam::111122223333:role/Dev",
        name="Dev/s2",
        type="AssumedRole",
        ip="203.0.113.12",
        user_agent="aws-cli/2.27.0",
    )
    assert alert.summary.startswith("Dev pulled")


def test_of_several_actors_it_names_none() -> None:
    made = [pull(f"v{n}", at=T0 + n, by=role(f"R{n}")) for n in range(3)]
    alert = only(log_file(*made), ECR_EXCESSIVE_IMAGE_PULL_GROUP_BY="registry", **THREE)
    assert alert.actor == Actor()
    assert alert.summary.startswith("Several actors pulled")
    assert (
        "The latest events name the actors arn:aws:iam::111122223333:role/R0, "
        in (alert.reasons[-1])
    )


def test_across_batches_it_names_an_actor_only_where_the_group_is_one_actors() -> None:
    watch = Watch(ECR_EXCESSIVE_IMAGE_PULL_GROUP_BY="registry", **THREE)
    assert watch.alerts(log_file(*pulls(2, by=role("One")))) == []
    (alert,) = watch.alerts(log_file(*pulls(1, first=2, by=role("Two"))))
    assert alert.actor == Actor()
    assert alert.summary.startswith("One or more actors pulled 3 images")
    assert "the actor arn:aws:iam::111122223333:role/Two" in alert.reasons[-1]


def test_across_batches_it_names_the_repository_where_the_group_is_one_repositorys() -> None:
    watch = Watch()
    made = [delete_images(digest(n), repository="prod/api", at=T0 + n) for n in range(10)]
    watch.alerts(log_file(*made[:9]))
    found = watch.alerts(log_file(*made[9:]))
    (alert,) = (each for each in found if each.count == 10)
    assert alert.repository == "prod/api"
    assert alert.resource is not None
    assert "repository/prod/api" in alert.resource


def test_the_repository_is_named_where_it_is_one() -> None:
    assert only(log_file(*pulls(3))).repository == "prod/api"
    several = [pull(f"v{n}", at=T0 + n, repository=f"r{n}") for n in range(3)]
    assert only(log_file(*several)).repository is None


def test_of_several_regions_it_names_none() -> None:
    made = [pull(f"v{n}", at=T0 + n, region=f"eu-west-{n}") for n in range(3)]
    alert = only(log_file(*made), ECR_EXCESSIVE_IMAGE_PULL_GROUP_BY="account", **THREE)
    assert (alert.account, alert.region, alert.registry) == ("111122223333", None, None)


def test_what_it_tells_of_the_batch_it_says_to_be_of_the_batch() -> None:
    made = [
        pull(f"v{n}", at=T0 + n, repository=f"r{n}", ip=f"203.0.113.{n}", agent=f"tool/{n}")
        for n in range(3)
    ]
    assert only(log_file(*made)).reasons[-1] == (
        "The latest events name the repositories r0, r1, r2; the addresses 203.0.113.0, "
        "203.0.113.1, 203.0.113.2; the tools tool/0, tool/1, tool/2."
    )


def test_a_foreign_account_or_root_makes_it_high() -> None:
    for caller in (foreign(FOREIGN), root()):
        assert only(log_file(*pulls(3, by=caller))).severity.value == "high"
    assert only(log_file(*pulls(3))).severity.value == "medium"


# However the events come


def ids_of(batches: list[list[RegistryEvent]]) -> list[str]:
    found: list[Alert] = []
    watching = detector(found.append, THREE)
    for batch in batches:
        outcome = watching.detect(batch)
        assert not outcome.failed
    return [alert.id for alert in found]


TIMES = st.lists(st.integers(0, 6 * 3600), min_size=3, max_size=40).map(sorted)


def pulled_at(times: list[int]) -> list[RegistryEvent]:
    return events_of(pull(f"v{n}", at=T0 + at) for n, at in enumerate(times))


@st.composite
def batches(draw: st.DrawFn, events: list[RegistryEvent]) -> list[list[RegistryEvent]]:
    """The events in their order, cut anywhere into batches."""
    cuts = sorted(draw(st.sets(st.integers(1, len(events) - 1))))
    return [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]


@given(st.data())
def test_cut_into_whatever_batches_the_same_events_raise_the_same_alerts(
    data: st.DataObject,
) -> None:
    events = pulled_at(data.draw(TIMES))
    assert ids_of(data.draw(batches(events))) == ids_of([events])


@given(st.data())
def test_a_burst_within_one_step_is_one_alert_of_one_id_in_any_order(data: st.DataObject) -> None:
    events = pulled_at(data.draw(st.lists(st.integers(0, STEP - 1), min_size=3, max_size=12)))
    order = data.draw(st.permutations(events * 2))
    assert ids_of(data.draw(batches(order))) == ids_of([events])


@given(st.data())
def test_a_burst_within_the_window_is_one_alert_in_any_order(data: st.DataObject) -> None:
    events = pulled_at(data.draw(st.lists(st.integers(0, 599), min_size=3, max_size=12)))
    order = data.draw(st.permutations(events))
    assert len(ids_of(data.draw(batches(order)))) == 1


def test_other_groups_and_other_bursts_have_other_ids() -> None:
    found = {
        only(log_file(*pulls(3))).id,
        only(log_file(*pulls(3, by=role("Other")))).id,
        only(log_file(*pulls(3, region="eu-west-2"))).id,
        only(log_file(*pulls(3, first=3600))).id,
    }
    assert len(found) == 4


@pytest.mark.parametrize("text", ["x", "é", "\u202e", '"'])
def test_its_body_fits_every_store_however_long_the_texts_of_its_events(text: str) -> None:
    lengths: list[int] = []

    class Noting(MemoryStore):
        def swap(
            self, group: str, seen: Claim, quiet: Quiet, raised: Mapping[str, bytes], *until: Any
        ) -> Claim:
            lengths.extend(map(len, raised.values()))
            return super().swap(group, seen, quiet, raised, *until)

    found: list[Alert] = []
    made = [{**each, "userAgent": text * 100_000} for each in pulls(3, by=role("r" * 1000))]
    watching = detector(found.append, THREE, Counter(Noting(), lambda: T0))
    assert not watching.detect(events_of([log_file(*made)])).failed
    assert [alert.count for alert in found] == [3]
    assert 0 < max(lengths) <= MOST_BODY_BYTES
