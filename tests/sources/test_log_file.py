"""A log file that is read in slices gives what reading it value by value gives."""

import gzip
import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registrywatch.sources import Reading, files, log_file
from registrywatch.sources.log_file import LogFile
from registrywatch.sources.recovery import read_slowly
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json, delete_repository, failed, pull, record
from tests.builders.streams import found, lines
from tests.builders.trail_folder import everything

DECOY = {"eventVersion": "1.11", **delete_repository("prod/decoy", force=True)}
OTHERS: dict[str, Json] = {
    "another service's": record("RunInstances", {"a": 1}, source="ec2.amazonaws.com"),
    "of a type that nothing reads": {
        **record("Decrypt", {"a": 1}, source="kms.amazonaws.com"),
        "eventTime": 7,
        "userAgent": {"a": [None]},
        "requestParameters": "no object",
    },
    "records in the request": record(
        "PutEvents", {"x": "}]", "entries": [{"a": 1}, DECOY, DECOY]}, source="events.amazonaws.com"
    ),
    "records in an undeclared member": {
        **record("Invoke", {}, source="lambda.amazonaws.com"),
        "Records": [DECOY, DECOY],
        "detail": DECOY,
    },
    "records as text": record(
        "Publish",
        {"message": json.dumps({"Records": [DECOY, DECOY]}), "x": '"},{"eventVersion":"'},
        source="sns.amazonaws.com",
    ),
    "no letters of ours": record("Größe", {"名": '前 \u2028 \\ " {['}, source="x.amazonaws.com"),
}
READ: dict[str, Json] = {
    "a pull": pull("a"),
    "a deletion": delete_repository("prod/api", force=True),
    "a refused call": failed(record("DescribeImages", {"repositoryName": "prod/api"})),
    "a rare call": record("ScheduleKeyDeletion", {"keyId": "k"}, source="kms.amazonaws.com"),
    "a call of which nothing is asked": record("DescribeImages", {"repositoryName": "x"}),
    "a failed call": failed(pull("b"), "RepositoryNotFoundException"),
}
FAULTY: dict[str, Json] = {
    "a wrong type in what a rule reads": {**pull("c"), "eventTime": ["x"]},
    "no event id": {**pull("d"), "eventID": None},
    "no source": {**pull("e"), "eventSource": None},
    "no name": {**record("", {}), "eventName": ""},
    "a notification of S3": {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "Put"},
    "no record": {"a": 1},
}
SOUND = {**OTHERS, **READ}


@pytest.fixture(autouse=True)
def slices_of_one_or_two_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "_SLICE", 2500)


def sliced(document: bytes, sizes: Sequence[int] = (1 << 16,)) -> Reading | None:
    """What is read of a log file given in parts of these sizes; None if it must be read whole."""
    parts, at = [], 0
    for size in itertools.cycle((max(sizes[0], 64), *sizes)):
        if at >= len(document):
            break
        parts.append(document[at : at + size])
        at += size
    reading = LogFile()
    return reading.end() if all(reading.add(part) for part in parts) else None


def in_order(made: Json) -> Json:
    """A record whose members are in the order that CloudTrail has."""
    return {"eventVersion": "1.11", **made}


def document(records: Sequence[Json], separators: tuple[str, str] = (",", ":")) -> bytes:
    """A log file as CloudTrail writes it."""
    return json.dumps({"Records": [*map(in_order, records)]}, separators=separators).encode()


def test_a_file_as_cloudtrail_writes_it_is_read_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "read_lines", lambda _: pytest.fail("it was read as a whole"))
    made = [*everything(300, 0.1, 3)]
    packed = gzip.compress(json.dumps({"Records": made}, separators=(",", ":")).encode())
    seen = found(packed)
    assert seen.records == 300
    assert 10 < len(seen.events) < 60


@for_each("made", SOUND.values(), ids=SOUND)
def test_a_record_among_others_is_read_as_value_by_value(made: Json) -> None:
    written = document([*READ.values(), made, *OTHERS.values(), made, READ["a pull"]])
    assert found(written).events == read_slowly(written).events


def test_records_in_a_record_are_no_events() -> None:
    for name, other in OTHERS.items():
        written = document([READ["a pull"], other, other, READ["a pull"]])
        assert len(found(written).events) == 2, name
        assert "prod/decoy" not in str(found(written).events)


@st.composite
def log_files(draw: st.DrawFn) -> bytes:
    """Log files of any records, spacing and order of members; a few of them broken."""
    any_of = draw(st.sampled_from([SOUND, SOUND, SOUND, {**SOUND, **FAULTY}]))
    records = draw(st.lists(st.sampled_from([*any_of.values()]), min_size=1, max_size=12))
    if draw(st.booleans()):
        records = [{key: each[key] for key in draw(st.permutations([*each]))} for each in records]
    else:
        records = [*map(in_order, records)]
    spaced: dict[str, Any] = draw(
        st.sampled_from(
            [{"separators": (",", ":")}, {}, {"indent": 1}, {"separators": (" ,", ": ")}]
        )
    )
    whole = {
        "Records": records,
        **draw(st.sampled_from([{}, {}, {}, {"more": [1]}, {"detail": DECOY}])),
    }
    text = json.dumps(whole, ensure_ascii=draw(st.booleans()), **spaced)
    for plain, escaped in (("eventSource", "event\\u0053ource"), ("ecr.", "\\u0065cr.")):
        if draw(st.integers(0, 4)) == 0:
            text = text.replace(plain, escaped, draw(st.sampled_from([1, -1])))
    data = text.encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(data)))
        put = draw(st.sampled_from([b"", b"}", b"]}", b",", b'"', b"\\", b"\xff", b"},{", b"\n"]))
        data = data[:at] + put + data[at + draw(st.integers(0, 3)) :]
    return data


sizes = st.lists(st.integers(1, 4000), min_size=1, max_size=5)


@given(log_files(), sizes)
def test_whatever_it_holds_slices_give_what_the_whole_gives(data: bytes, sizes: list[int]) -> None:
    reading = sliced(data, sizes)
    assert reading is None or reading == read_slowly(data)


@given(log_files(), sizes, st.booleans())
@example(document([*READ.values()]), [1000], True)
def test_of_a_stream_of_log_files_slices_change_nothing(
    data: bytes, sizes: list[int], packed: bool
) -> None:
    stream = data + b"\n" + lines({"Records": [READ["a pull"]]}) + data
    if packed:
        stream = gzip.compress(stream[:700]) + gzip.compress(stream[700:])
        stream = stream[: -len(stream) // 4] if len(sizes) == 1 else stream
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "add", lambda *_: False)
        whole = found(stream, sizes)
    assert found(stream, sizes) == whole


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ('"eventSource"', '"event\\u0053ource"'),
        ('"eventName"', '"\\u0065ventName"'),
        ("ecr.amazonaws.com", "\\u0065cr.amazonaws.com"),
    ],
)
def test_escapes_in_members_that_decide_hide_no_event(plain: str, escaped: str) -> None:
    text = document([OTHERS["another service's"], pull("z")]).decode()
    assert len(found(text.replace(plain, escaped).encode()).events) == 1


def test_where_rules_read_many_records_all_are_read_at_once() -> None:
    pulls = [pull(str(number)) for number in range(40)]
    written = document([*pulls, OTHERS["another service's"], *READ.values(), *pulls])
    assert found(written).events == read_slowly(written).events


def test_a_record_without_a_name_is_not_understood_however_it_is_read() -> None:
    for many in (0, 40):
        written = document([*(pull(str(number)) for number in range(many)), FAULTY["no name"]])
        assert found(written).unknown == 1
