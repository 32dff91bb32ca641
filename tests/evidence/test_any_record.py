"""Whatever the clouds could write: a record is dealt with, or named; no rule ever raises."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from registrywatch import settings
from registrywatch.alerts import Alert, decode, encode
from registrywatch.detector import Detector
from registrywatch.rules import CATALOGUE
from registrywatch.sources import read
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.builders import azure
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    allow,
    by_docker,
    create_repository,
    delete_images,
    delete_repository,
    digest,
    eventbridge,
    expire_images,
    expiry,
    foreign,
    log_file,
    pull,
    push,
    set_lifecycle,
    set_mutability,
    set_policy,
    set_registry_policy,
    set_registry_scanning,
    set_scanning,
)
from tests.builders.mutation import mutated

SAMPLES: list[Json] = [
    create_repository(tls="TLSv1.2", mutability="MUTABLE"),
    delete_images(digest(1), tags={"latest": digest(1)}, failures=1),
    expire_images(digest(1), tags=("v1",)),
    delete_repository(by=foreign()),
    by_docker(pull(digest(1), "latest")),
    by_docker(push()),
    set_policy(allow("ecr:*", when={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})),
    set_registry_policy(allow("ecr:*")),
    set_scanning({"scanOnPush": False}),
    set_registry_scanning("BASIC", ("SCAN_ON_PUSH", "prod*")),
    set_mutability("IMMUTABLE_WITH_EXCLUSION", "v*"),
    set_lifecycle(expiry()),
]
PAYLOADS: list[Json] = [
    *map(eventbridge, SAMPLES),
    log_file(*SAMPLES),
    azure.pushed(),
    azure.cloud_event(azure.deleted()),
    azure.deleted(None),
    azure.plan_changed(),
    azure.hub(azure.logged(), azure.logged("Delete"), azure.logged("Delete", None, None)),
    azure.hub(azure.activity("Microsoft.Security/pricings/write", "/subscriptions/1")),
]
EVERYTHING_COUNTS = {
    f"REGISTRYWATCH_{rule.stem}_THRESHOLD": "1" for rule in CATALOGUE if rule.counting
}


def detector(hand_over: Callable[[Alert], None]) -> Detector:
    """A detector that raises an alert for the first thing it counts."""
    tuned = settings.parse(EVERYTHING_COUNTS)
    counter = Counter(MemoryStore(), lambda: T0)
    return Detector(CATALOGUE, tuned.tunings, tuned.trust, counter, hand_over)


@given(st.sampled_from(PAYLOADS).flatmap(mutated))
def test_a_mutated_payload_is_dealt_with_or_named(payload: object) -> None:
    reading = read(json.dumps(payload).encode())
    raised: list[Alert] = []
    outcome = detector(raised.append).detect(reading.events)
    assert not outcome.failed
    for alert in raised:
        assert decode(encode(alert)) == alert


def test_the_samples_themselves_all_raise_something() -> None:
    """Else the mutations would show nothing."""
    for payload in PAYLOADS[:-1]:
        raised: list[Alert] = []
        outcome = detector(raised.append).detect(read(json.dumps(payload).encode()).events)
        assert not outcome.failed
        assert raised, payload
