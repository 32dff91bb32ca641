"""What names alone tell: which folders and objects of a log bucket can hold what is asked for."""

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.globs import Globs
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import dates_begin, may_hold, order, range_of
from tests.builders.cases import for_each
from tests.builders.clock import T0

DAY = 86_400.0
AUGUST_1 = T0 - 9 * 3600
TRAIL = "AWSLogs/111122223333/CloudTrail/eu-west-1/"
WANTED = Wanted(AUGUST_1 + 10 * DAY, AUGUST_1 + 12 * DAY, Globs(("1111*",)))
SUBSCRIPTION = "0a1b2c3d-0000-4000-8000-000000000009"
RESOURCE = f"resourceId=/SUBSCRIPTIONS/{SUBSCRIPTION.upper()}/RESOURCEGROUPS/R/PROVIDERS/X/Y/Z/"


@for_each(
    "name",
    [
        "",
        "logs/",
        "AWSLogs/",
        "AWSLogs/o-abc123/",
        "AWSLogs/o-abc123/111122223333/",
        "logs/AWSLogs/111122223333/CloudTrail/",
        f"{TRAIL}2026/",
        f"{TRAIL}2026/08/",
        f"{TRAIL}2026/08/10/",  # a day before: windows begin earlier
        f"{TRAIL}2026/08/11/x.json.gz",
        f"{TRAIL}2026/08/14/",  # a day after: deliveries are late
        "archive/2026/08/12/09/records.gz",
        RESOURCE,
        f"{RESOURCE}y=2026/m=08/d=11/h=09/m=00/PT1H.json",
        "events.json",
        "2026/99/99/x.json",  # no date after all
    ],
)
def test_what_can_hold_it_is_read(name: str) -> None:
    accounts = Globs((*WANTED.accounts.patterns, SUBSCRIPTION))
    assert may_hold(name, Wanted(WANTED.since, WANTED.until, accounts))


@for_each(
    "name",
    [
        "AWSLogs/222222222222/",
        "AWSLogs/o-abc123/222222222222/CloudTrail/",
        "AWSLogs/111122223333/CloudTrail-Digest/",
        "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/08/11/x.log.gz",
        f"{TRAIL}2025/",
        f"{TRAIL}2026/07/",
        f"{TRAIL}2026/09/01/x.json.gz",
        f"{TRAIL}2026/08/08/",
        f"{RESOURCE}y=2026/m=08/d=11/",  # of a subscription that is not asked for
        "archive/2026/08/09/23/",
    ],
)
def test_what_cannot_is_left_out(name: str) -> None:
    assert not may_hold(name, WANTED)


@given(st.floats(AUGUST_1, AUGUST_1 + 60 * DAY), st.floats(0, 40 * DAY), st.integers(0, 90))
def test_the_folder_of_an_events_own_day_is_always_read(
    since: float, length: float, day: int
) -> None:
    """Whatever is asked for: by its folders, and in the range that is listed."""
    from datetime import UTC, datetime

    until = since + length
    wanted = Wanted(since, until)
    at = since + length * day / 90
    parts = f"{datetime.fromtimestamp(at, UTC):%Y/%m/%d}/".split("/")
    for deep in (1, 2, 3):
        assert may_hold(TRAIL + "/".join(parts[:deep]) + "/", wanted)
    name = TRAIL + "/".join(parts) + "x.json.gz"
    after, before = range_of(TRAIL, wanted)
    assert after < name
    assert before is None or name < before


def test_a_region_of_a_trail_is_listed_as_a_range() -> None:
    assert dates_begin(TRAIL)
    assert not dates_begin("AWSLogs/111122223333/CloudTrail/")
    assert not dates_begin(f"{TRAIL}2026/")
    assert range_of(TRAIL, WANTED) == (f"{TRAIL}2026/08/10/", f"{TRAIL}2026/08/15/")
    assert range_of(TRAIL, Wanted()) == (TRAIL, None)


def test_objects_are_read_in_order_of_time_over_accounts_and_regions() -> None:
    names = [
        f"AWSLogs/{account}/CloudTrail/r/2026/08/{day:02}/{account}_CloudTrail_r_202608{day:02}T{n}_x"
        for account in ("222222222222", "111122223333")
        for day, n in ((2, "0005Z"), (1, "2355Z"))
    ]
    assert [name[8:20] + name[-7:-2] for name in sorted(names, key=order)] == [
        "1111222233332355Z",
        "2222222222222355Z",
        "1111222233330005Z",
        "2222222222220005Z",
    ]
