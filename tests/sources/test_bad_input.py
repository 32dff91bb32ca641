"""Bad input: each problem is reported with its line, and harms nothing else."""

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registrywatch.sources import read
from registrywatch.sources.json_stream import DocumentJoiner
from tests.builders import azure, registry_calls
from tests.builders.cases import for_each
from tests.builders.cloudtrail import (
    Json,
    create_repository,
    digest,
    eventbridge,
    log_file,
    looked_up,
    pull,
    push,
    record,
)
from tests.builders.streams import found, ids, indented, lines, side_by_side

GOOD = pull(digest("app"))
GOOD_LINE = lines(eventbridge(GOOD))
ID = GOOD["eventID"]
DEEP = 100_000


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def with_value(made: Json, name: str, value: bytes) -> bytes:
    """The document as JSON, with a member that no dict can hold."""
    text = json.dumps({**made, name: "HERE"}).encode()
    return text.replace(b'"HERE"', value) + b"\n"


# Lines that can't be decoded


@for_each(
    ("line", "problem"),
    [
        (b"this is no json", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": "never closed', "not JSON"),
        (b"[", "not JSON"),
        (b"]", "not JSON"),
        (b"}", "not JSON"),
        (b"\x00\x00", "not JSON"),
        (b"17", "expected an object or an array, found a number"),
        (b'"text"', "expected an object or an array, found a text"),
        (b"null", "expected an object or an array, found null"),
        (b"true", "expected an object or an array, found true or false"),
        (b'{"a": "\xfc"}', "not UTF-8: byte 0xfc at offset 7"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"a": "\\ud800"}', r"an unpaired surrogate: \ud800"),
        (b'{"a": "\\udc00\\ud800"}', r"an unpaired surrogate: \udc00"),
        (b"[" * DEEP, "nested too deeply"),
        (nested(DEEP), "nested too deeply"),
        (b'{"a":' * DEEP, "nested too deeply"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_line_that_cannot_be_decoded_is_named_and_the_others_are_read(
    line: bytes, problem: str
) -> None:
    seen = found(GOOD_LINE + b"\n" + line + b"\n" + GOOD_LINE + GOOD_LINE)
    assert seen.ids == [ID, ID, ID]
    assert seen.lines == [3]
    assert problem in seen.texts[0]


def test_a_line_after_two_megabytes_is_named_by_its_number_too() -> None:
    count = 3_000
    data = GOOD_LINE * count + b"{oops\n" + GOOD_LINE
    assert len(data) > 2 << 20
    seen = found(data, [1 << 16])
    assert (len(seen.events), seen.lines) == (count + 1, [count + 1])


def test_a_missing_file_end_is_named_where_its_document_begins() -> None:
    seen = found(GOOD_LINE + GOOD_LINE[:200])
    assert (seen.ids, seen.lines) == ([ID], [2])


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_an_indented_document_that_breaks_off_takes_none_with_it(ending: bytes) -> None:
    whole = indented(eventbridge(GOOD))
    cut = whole[: len(whole) // 2].rpartition(b"\n")[0] + b"\n"
    seen = found(whole + cut + whole + whole.rstrip() + ending)
    assert (seen.ids, seen.lines) == ([ID] * 3, [whole.count(b"\n") + 1])


@given(st.integers(0, 10_000))
@example(0)
def test_wherever_an_indented_document_breaks_off_those_after_it_are_read(at: int) -> None:
    whole = indented(eventbridge(GOOD))
    cut = whole[: at % (len(whole) - 2)]
    seen = found(whole + cut + b"\n" + whole + whole)
    assert seen.ids == [ID] * 3
    assert seen.lines == ([whole.count(b"\n") + 1] if cut.strip() else [])


def test_lines_after_an_indented_document_that_breaks_off_are_read() -> None:
    seen = found(b'{\n  "Records": [\n' + GOOD_LINE * 3)
    assert (seen.ids, seen.lines) == ([ID] * 3, [1])


def test_of_documents_side_by_side_those_before_the_broken_one_are_read() -> None:
    seen = found(side_by_side(GOOD, GOOD) + b'{"a"\n' + GOOD_LINE)
    assert (seen.ids, seen.lines) == ([ID] * 3, [1])


MANY = [pull(digest(n)) for n in range(5)]


@for_each(
    "envelope",
    [
        lambda made: log_file(*made),
        lambda made: looked_up(*made),
        lambda made: made,
        lambda made: [eventbridge(each) for each in made],
    ],
    ids=["log file", "lookup-events", "records", "events"],
)
@for_each("way", [lines, indented])
def test_of_a_document_that_breaks_off_the_whole_records_are_read(
    envelope: Callable[[list[Json]], Any], way: Callable[..., bytes]
) -> None:
    """CloudTrail writes a whole log file into one line: its end is not the end of all of it."""
    data = way(envelope(MANY))
    seen = found(data[: len(data) - 400])
    assert seen.ids == list(ids(MANY))[:4]
    assert len(seen.lines) == 1
    assert "not JSON" in seen.texts[0]
    cut = data[: len(data) - 400].rfind(b"BatchGetImage")
    assert abs(seen.lines[0] - data[:cut].count(b"\n") - 1) < 40


def test_azures_records_before_the_break_are_read_too() -> None:
    data = lines(azure.hub(*[azure.logged("Pull", n) for n in "abc"]))
    seen = found(data[:-100])
    assert (len(seen.events), seen.lines) == (2, [1])


@pytest.mark.parametrize(
    "value",
    [b'"\\ud800"', b'"\\udfff text"', b'"\xfc"', b'["\xff\xff"]', b'{"\\udead": 1}'],
    ids=repr,
)
def test_a_record_whose_text_cannot_be_decoded_is_read_and_named(value: bytes) -> None:
    """The one who acts may choose such text: it must not hide what they do."""
    made = pull()
    odd = with_value(made, "additionalEventData", value).strip()
    good = lines(GOOD).strip()
    seen = found(b'{"Records":[\n' + b",\n".join((good, odd, good)) + b"]}\n" + GOOD_LINE)
    assert (seen.ids, seen.lines) == ([ID, made["eventID"], ID, ID], [3])
    assert made["eventID"] in seen.texts[0]
    problem = "not UTF-8: byte 0xf" if not value.isascii() else r"an unpaired surrogate: \ud"
    assert problem in seen.texts[0]


def test_a_whole_character_written_in_halves_is_one() -> None:
    made = lines(pull(agent="🐳"))
    assert rb"\ud83d\udc33" in made
    (event,) = found(made).events
    assert event.actor.user_agent == "🐳"


def test_where_the_wrong_half_stands_is_reported_even_among_whole_characters() -> None:
    (problem,) = found(with_value(pull(agent="🐳🐳"), "additionalEventData", b'"\\udbff"')).texts
    assert r"\udbff" in problem


def test_what_memory_holds_of_text_that_is_no_json_is_bounded() -> None:
    """A text file whose first word could be the beginning of `true`."""
    assembly, most = DocumentJoiner(), 0
    assembly.add(1, b"t\n")
    for number in range(2, 20_000):
        assembly.add(number, b"some text of a log file\n")
        most = max(most, sum(len(line) for _, line in assembly.pending))
    assert 0 < most < 100_000


# Gzip


NOISE = random.Random(1)
PACKED_LINES = [
    lines(eventbridge(pull(digest(n), agent=NOISE.randbytes(60).hex()))) for n in range(12)
]
PACKED = gzip.compress(b"".join(PACKED_LINES))
PACKED_IDS = [json.loads(line)["detail"]["eventID"] for line in PACKED_LINES]


@given(st.integers(0, len(PACKED) - 1))
@example(0)
@example(1)
@example(9)
@example(len(PACKED) - 1)
def test_gzip_that_breaks_off_anywhere_is_named_and_what_came_before_is_read(cut: int) -> None:
    seen = found(PACKED[:cut])
    assert seen.ids == PACKED_IDS[: len(seen.ids)]
    assert bool(seen.problems) == (cut > 0)
    if cut > 10:
        assert "the gzip data is broken" in " ".join(seen.texts)
        read_whole = gzip_lines_in(PACKED[:cut])
        assert len(seen.ids) >= read_whole - 1
        assert read_whole <= max(seen.lines) <= read_whole + 1


def gzip_lines_in(data: bytes) -> int:
    """How many whole lines a cut gzip stream still holds."""
    return zlib.decompressobj(wbits=31).decompress(data).count(b"\n")


@given(st.integers(10, len(PACKED) - 1), st.integers(1, 255))
def test_gzip_with_a_wrong_byte_never_raises_and_never_passes_in_silence(
    at: int, difference: int
) -> None:
    broken = bytearray(PACKED)
    broken[at] ^= difference
    seen = found(bytes(broken))
    assert seen.problems


MEMBERS = [gzip.compress(b"".join(PACKED_LINES[at : at + 4])) for at in (0, 4, 8)]


@given(st.integers(10, len(MEMBERS[1]) - 1), st.integers(1, 255))
def test_a_broken_member_of_gzip_harms_no_other_member(at: int, difference: int) -> None:
    before, broken, after = map(bytearray, MEMBERS)
    broken[at] ^= difference
    seen = found(bytes(before + broken + after))
    assert {*PACKED_IDS[:4], *PACKED_IDS[8:]} <= {*seen.ids}
    assert seen.problems


@given(st.integers(1, len(MEMBERS[1]) - 1))
@example(len(MEMBERS[1]) - 9)
@example(40)
def test_a_member_of_gzip_that_is_cut_off_harms_no_other_member(cut: int) -> None:
    """Even where what follows it can be unpacked as its own data, for a while or to the end."""
    first, second, third = MEMBERS
    seen = found(first + second[:cut] + third)
    assert {*PACKED_IDS[:4], *PACKED_IDS[8:]} <= {*seen.ids}
    assert "the gzip data is broken" in " ".join(seen.texts)


def test_other_data_between_members_of_gzip_harms_none() -> None:
    first, second, third = MEMBERS
    seen = found(first + b"other data" + second + third)
    assert seen.ids == PACKED_IDS
    assert len(seen.problems) == 1


def test_padding_after_gzip_is_no_error_and_anything_else_is() -> None:
    assert found(PACKED + b"\0" * 512).problems == []
    seen = found(PACKED + b"more")
    assert (seen.ids, len(seen.problems)) == (PACKED_IDS, 1)


# Records whose fields have the wrong type


def wrong(made: Json, name: str, value: object) -> Json:
    return {**made, name: value}


@for_each(
    ("name", "value"),
    [
        ("eventTime", 7),
        ("eventTime", "yesterday"),
        ("eventTime", None),
        ("eventTime", ""),
        ("eventTime", "9999-99-99T00:00:00Z"),
        ("eventTime", "0001-01-01T00:00:00+14:00"),
        ("eventTime", "1969-12-31T23:59:59Z"),
        ("eventTime", "9999-12-31T23:59:59-14:00"),
        ("eventID", None),
        ("eventID", ["x"]),
        ("requestParameters", "imageIds"),
        ("requestParameters", {"imageIds": "all"}),
        ("requestParameters", {"imageIds": [7]}),
        ("awsRegion", {}),
        ("errorCode", 403),
    ],
)
@for_each("envelope", [log_file, looked_up, lambda *made: [eventbridge(each) for each in made]])
def test_a_record_with_a_wrong_field_is_named_and_its_neighbours_are_read(
    name: str, value: object, envelope: Callable[..., Json]
) -> None:
    before, odd, after = pull(), wrong(pull(), name, value), pull()
    seen = found(b"\n" + lines(envelope(before, odd, after)))
    assert seen.ids == [before["eventID"], after["eventID"]]
    assert seen.lines == [2]
    assert "BatchGetImage" in seen.texts[0]


@for_each(
    ("made", "name", "value"),
    [
        (pull(), "userIdentity", "alice"),
        (pull(), "userIdentity", {"arn": 5}),
        (pull(), "userIdentity", 7),
        (pull(), "sourceIPAddress", {}),
        (pull(), "userAgent", ["x"]),
        (azure.hub(azure.logged())["records"][0], "identity", {}),
        (azure.hub(azure.logged())["records"][0], "callerIpAddress", 7),
    ],
)
def test_where_who_acted_cannot_be_read_what_happened_is_an_event_all_the_same(
    made: Json, name: str, value: object
) -> None:
    seen = found(lines(made, wrong(made, name, value)))
    before, odd = seen.events
    assert before.what == odd.what
    assert seen.lines == [2]


def test_the_message_names_the_record() -> None:
    odd = wrong(push(), "eventTime", "31.12.2026")
    (problem,) = found(lines(odd)).texts
    assert odd["eventID"] in problem
    assert "PutImage" in problem
    assert "'31.12.2026' is not ISO 8601" in problem


@for_each(
    "document",
    [
        {"Records": 7},
        {"Records": {"a": 1}},
        {"Records": [7]},
        {"Records": [None, "text"]},
        {"Events": "all"},
        {"Events": [{"CloudTrailEvent": 7}]},
        {"Events": [{"CloudTrailEvent": "{broken"}]},
        {"Events": [{"CloudTrailEvent": "[]"}]},
        {"records": "x"},
        {"records": [[]]},
        {"detail-type": "AWS API Call via CloudTrail", "detail": 7},
        {"detail-type": "AWS API Call via CloudTrail", "detail": []},
    ],
    ids=json.dumps,
)
def test_an_envelope_that_holds_something_else_is_named(document: Json) -> None:
    seen = found(lines(document) + GOOD_LINE)
    assert seen.ids == [ID]
    assert {*seen.lines, *seen.kinds.values()} == {1}


@pytest.mark.parametrize(
    ("name", "value"),
    [("data", 7), ("data", {"target": "x"}), ("id", None), ("eventTime", "now"), ("subject", 1)],
)
def test_an_event_of_event_grid_with_a_wrong_field_is_named(name: str, value: object) -> None:
    before, odd, after = azure.pushed(), wrong(azure.deleted(), name, value), azure.pushed()
    seen = found(lines([before, odd, after]))
    assert seen.ids == [before["id"], after["id"]]
    assert (seen.lines, "ImageDeleted" in seen.texts[0]) == ([1], True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("time", "x"), ("time", 5), ("properties", "x"), ("resourceId", 1)],
)
def test_a_record_of_a_resource_log_with_a_wrong_field_is_named(name: str, value: object) -> None:
    odd = wrong(azure.logged("Pull", "odd"), name, value)
    seen = found(lines(azure.hub(azure.logged("Pull", "a"), odd, azure.logged("Delete", "b"))))
    assert (len(seen.events), seen.lines) == (2, [1])
    assert "Pull" in seen.texts[0]


# What is no error


ANYTHING: list[object] = [None, 7, 1.5, True, "text", [], {}, [[{}]], {"a": [1, None]}]


@for_each("value", ANYTHING, ids=json.dumps)
@for_each(
    "field",
    ["eventTime", "eventID", "userIdentity", "requestParameters", "responseElements", "errorCode"],
)
def test_a_call_that_no_rule_reads_may_hold_anything(field: str, value: object) -> None:
    odd = [
        wrong(record("DescribeImages"), field, value),
        wrong(record("RunInstances", source="ec2.amazonaws.com"), field, value),
    ]
    looked = {"Events": [{"CloudTrailEvent": json.dumps(each)} for each in (*odd, GOOD)]}
    seen = found(lines(*odd, log_file(GOOD, *odd, GOOD), looked, [eventbridge(GOOD), *odd]))
    assert (seen.ids, seen.problems) == ([ID] * 4, [])


@for_each("value", ANYTHING, ids=json.dumps)
def test_a_name_that_cannot_be_understood_makes_its_record_unknown(value: object) -> None:
    """Never one that no rule reads: that would be all clear."""
    assume_other = value != "text"  # a name that no rule reads
    odd = [wrong(pull(), "eventName", value), wrong(pull(), "eventSource", value)]
    for data in (lines(log_file(*odd, GOOD)), lines(*odd, GOOD), lines([*odd, GOOD])):
        seen = found(data)
        assert (seen.ids, seen.problems) == ([ID], [])
        assert seen.unknown == (2 if assume_other else 0)


@for_each("value", ANYTHING, ids=json.dumps)
def test_events_of_other_kinds_may_hold_anything(value: object) -> None:
    documents = [
        eventbridge(GOOD) | {"detail-type": "ECR Image Scan", "detail": value},
        azure.event_grid("Microsoft.Storage.BlobCreated", {"x": value}) | {"subject": value},
        azure.event_grid("Microsoft.Storage.BlobCreated", {}) | {"data": value},
        azure.logged("Untag") | {"properties": value, "identity": value, "time": value},
        {**azure.logged("Pull"), "category": "ContainerRegistryLoginEvents", "identity": value},
    ]
    seen = found(lines(*documents, documents, azure.hub(*documents[3:])))
    assert (seen.events, seen.problems) == ([], [])


@pytest.mark.parametrize("gone", [True, False], ids=["missing", "null"])
def test_missing_and_null_fields_are_no_errors(gone: bool) -> None:
    for made in (pull(), push(), create_repository()):
        for name in set(made) - {"eventSource", "eventName", "eventTime", "eventID"}:
            left = {key: value for key, value in made.items() if key != name}
            seen = found(lines(left if gone else {**left, name: None}))
            assert seen.problems == [], name


def test_ten_megabytes_in_one_line_are_no_error() -> None:
    long = {**pull(digest("long")), "additionalEventData": "x" * (10 << 20)}
    seen = found(GOOD_LINE + lines(eventbridge(long)) + GOOD_LINE, [1 << 16])
    assert (seen.ids, seen.problems) == ([ID, long["eventID"], ID], [])


@pytest.mark.parametrize("value", [nested(500), b"9" * 5000, b"1e999", b"-0.0e-999"])
def test_odd_values_of_fields_that_no_rule_reads_are_no_error(value: bytes) -> None:
    for made in (
        pull(),
        registry_calls.replication(),
    ):
        seen = found(with_value(made, "additionalEventData", value))
        assert (len(seen.events), seen.problems) == (1, [])


# Anything at all


@given(st.binary(max_size=300))
@example(b"{")
@example(b'"')
@example(b'{"a": [')
@example(b"t")
@example(b"\r\r{\r")
@example(b"\xef\xbb\xbf")
@example(b'{"Records": [{')
@example(b"{}\n{")
def test_any_bytes_are_dealt_with_and_good_lines_around_them_are_read(junk: bytes) -> None:
    seen = found(GOOD_LINE + junk + b"\n" + GOOD_LINE + GOOD_LINE)
    assert seen.ids == [ID] * 3
    last = junk.count(b"\n") + junk.count(b"\r") + 2
    assert all(2 <= line <= last for line in seen.lines)


@given(st.binary(max_size=300))
def test_any_bytes_by_themselves_are_dealt_with(junk: bytes) -> None:
    found(junk)
    found(b"\x1f\x8b" + junk)
    found(b"\xff\xfe" + junk)
    read(junk)


@given(st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b"\n", b'"a":', b"1", b" "])))
def test_any_brackets_are_dealt_with(tokens: list[bytes]) -> None:
    junk = b"".join(tokens)
    seen = found(junk)
    assert not seen.events
    assert found(GOOD_LINE + junk).ids[:1] == [ID]
