"""What a file holds is told by its content: every envelope that users have, alone and mixed."""

import codecs
import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registrywatch.events import ImagesDeleted, Pull, Push, RepositoryDeleted, ScanPlanChanged
from registrywatch.sources import read
from registrywatch.sources.json_stream import DocumentJoiner
from tests.builders import azure
from tests.builders.cases import for_each
from tests.builders.cloudtrail import (
    Json,
    delete_images,
    delete_repository,
    digest,
    eventbridge,
    expire_images,
    log_file,
    looked_up,
    pull,
    push,
    record,
)
from tests.builders.streams import found, ids, indented, lines, side_by_side

PULLED = pull(digest("app"))
DELETED = delete_repository()
EXPIRED = expire_images(digest("old"))
MADE = [PULLED, DELETED, EXPIRED]
IDS = list(ids(MADE))
UNREAD = record("DescribeImages", {"repositoryName": "prod/api"})

Way = Callable[..., bytes]
WAYS: dict[str, Way] = {"lines": lines, "indented": indented, "side by side": side_by_side}
by_way = for_each("way", WAYS.values(), ids=WAYS)


# The kinds of documents


@by_way
def test_eventbridge_events_of_api_calls_and_of_service_events(way: Way) -> None:
    seen = found(way(*map(eventbridge, MADE)))
    assert (seen.ids, seen.problems, seen.records) == (IDS, [], 3)


@by_way
def test_log_files_as_they_lie_in_s3(way: Way) -> None:
    seen = found(way(log_file(PULLED, DELETED), log_file(EXPIRED)))
    assert (seen.ids, seen.problems, seen.records) == (IDS, [], 3)


@by_way
def test_what_lookup_events_prints(way: Way) -> None:
    seen = found(way(looked_up(*MADE)))
    assert (seen.ids, seen.problems, seen.records) == (IDS, [], 3)


@by_way
def test_bare_records(way: Way) -> None:
    seen = found(way(*MADE))
    assert (seen.ids, seen.problems, seen.records) == (IDS, [], 3)


@by_way
def test_event_grid_in_both_schemas(way: Way) -> None:
    made = [azure.pushed(), azure.deleted(), azure.deleted(None), azure.plan_changed()]
    for documents in (made, [azure.cloud_event(each) for each in made]):
        seen = found(way(*documents))
        assert seen.ids == [each["id"] for each in made]
        assert [type(event.what) for event in seen.events] == [
            Push,
            ImagesDeleted,
            RepositoryDeleted,
            ScanPlanChanged,
        ]


@by_way
def test_event_hub_messages_of_resource_logs_and_of_the_activity_log(way: Way) -> None:
    plan = f"/subscriptions/{azure.SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers"
    message = azure.hub(
        azure.logged("Pull"),
        azure.logged("Delete"),
        azure.activity("Microsoft.Security/pricings/write", plan),
    )
    seen = found(way(message))
    kinds = [type(event.what) for event in seen.events]
    assert kinds == [Pull, ImagesDeleted, ScanPlanChanged]
    assert not seen.problems


def test_single_records_of_an_event_hub_message() -> None:
    seen = found(lines(azure.logged("Pull"), azure.logged("Delete")))
    assert [type(event.what) for event in seen.events] == [Pull, ImagesDeleted]


@by_way
def test_arrays_of_any_of_them(way: Way) -> None:
    array = [
        eventbridge(PULLED),
        log_file(DELETED),
        looked_up(EXPIRED),
        push(),
        azure.pushed(),
        azure.cloud_event(azure.deleted()),
        azure.hub(azure.logged()),
    ]
    seen = found(way(array))
    assert seen.ids[:3] == IDS
    assert (len(seen.events), seen.problems, seen.unknown) == (7, [], 0)


def test_kinds_mixed_in_one_file() -> None:
    seen = found(
        lines(eventbridge(PULLED), log_file(DELETED))
        + indented(looked_up(EXPIRED), azure.pushed())
        + lines([azure.hub(azure.logged())])
    )
    assert seen.ids[:3] == IDS
    assert (len(seen.events), seen.problems) == (5, [])


@pytest.mark.parametrize(
    "empty",
    [log_file(), looked_up(), azure.hub(), {"Events": [], "NextToken": "x"}, []],
    ids=["log file", "lookup", "hub", "last page", "array"],
)
def test_an_empty_list_of_records_is_no_error_and_nothing_unknown(empty: Json | list[Json]) -> None:
    seen = found(lines(empty))
    assert (seen.events, seen.problems, seen.unknown) == ([], [], 0)


@pytest.mark.parametrize(
    "other", [{}, {"a": 1}, {"Records": None}, {"detail": None}, {"data": None, "id": "x"}]
)
def test_a_document_of_no_known_kind_is_unknown_and_no_error(other: Json) -> None:
    seen = found(lines(other, eventbridge(PULLED)))
    assert (seen.ids, seen.problems) == ([PULLED["eventID"]], [])


def test_another_detail_type_is_a_known_form_that_no_rule_reads() -> None:
    detail = {"action-type": "PUSH", "result": "SUCCESS", "repository-name": "prod/api"}
    other = eventbridge(PULLED) | {"detail-type": "ECR Image Action", "detail": detail}
    seen = found(lines(other))
    assert (seen.events, seen.problems, seen.records, seen.unknown) == ([], [], 1, 0)


# How the bytes are written


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "gzip": gzip.compress,
    "gzip in two members": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "UTF-8 with a byte order mark": lambda data: codecs.BOM_UTF8 + data,
    "UTF-16, little end first": lambda data: (
        codecs.BOM_UTF16_LE + data.decode().encode("utf-16-le")
    ),
    "UTF-16, big end first": lambda data: codecs.BOM_UTF16_BE + data.decode().encode("utf-16-be"),
    "UTF-16 in gzip": lambda data: gzip.compress(data.decode().encode("utf-16")),
    "UTF-8 with a mark in gzip": lambda data: gzip.compress(codecs.BOM_UTF8 + data),
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR alone": lambda data: data.replace(b"\n", b"\r"),
    "blank lines": lambda data: b"\n\n \t\r\n" + data + b"\n   \n\n",
    "no line break at the end": lambda data: data.rstrip(),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@by_way
def test_however_the_bytes_are_written(way: Way, encode: Callable[[bytes], bytes]) -> None:
    made = [eventbridge({**each, "userAgent": "Zürich 東京 🐳"}) for each in MADE]
    seen = found(encode(way(*made)))
    assert (seen.ids, seen.problems) == (IDS, [])


def test_text_beyond_ascii_arrives_as_it_was() -> None:
    made = json.dumps(eventbridge(pull(agent="東京 🐳")), ensure_ascii=False)
    for data in (made.encode(), made.encode("utf-16"), codecs.BOM_UTF8 + made.encode()):
        (event,) = found(data).events
        assert event.actor.user_agent == "東京 🐳"


def test_files_set_end_to_end_with_their_byte_order_marks() -> None:
    """As `copy a+b c` does; each mark begins a line."""
    parts = [codecs.BOM_UTF8 + lines(eventbridge(each)) for each in MADE]
    seen = found(b"".join(parts))
    assert (seen.ids, seen.problems) == (IDS, [])


def test_indented_documents_that_meet_on_one_line() -> None:
    """`}{`, as appending without a line break leaves it."""
    data = b"".join(each.rstrip() for each in (indented(eventbridge(m)) for m in MADE))
    assert data.count(b"\n}{\n") == 2
    seen = found(data)
    assert (seen.ids, seen.problems) == (IDS, [])


def test_of_many_that_meet_so_each_is_read_by_itself() -> None:
    """Else all of a long file would have to be held at once."""
    parts = [indented(eventbridge(each)).rstrip() for each in MADE * 40]
    assert len(b"".join(parts)) > 3 * 65_536
    assembly, most = DocumentJoiner(), 0
    documents = []
    for number, line in enumerate(b"".join(parts).splitlines(keepends=True)):
        documents += assembly.add(number, line)
        most = max(most, len(assembly.pending))
    assert len(documents + assembly.end()) == len(parts)
    assert most <= max(part.count(b"\n") for part in parts) + 1


def test_an_indented_array_whose_elements_stand_at_the_margin() -> None:
    """Elements are whole lines here: the array all the same is one document."""
    rows = b",\n".join(json.dumps(eventbridge(each)).encode() for each in MADE)
    seen = found(b"[\n" + rows + b"\n]\n")
    assert (seen.ids, seen.problems) == (IDS, [])


def test_an_array_with_one_element_a_line() -> None:
    """As `jq -c` leaves it in some hands: comma first."""
    rows = b"\n,".join(json.dumps(eventbridge(each)).encode() for each in MADE)
    seen = found(b"[" + rows + b"\n]\n")
    assert (seen.ids, seen.problems) == (IDS, [])


def test_side_by_side_with_spaces_between() -> None:
    data = b"  \t ".join(json.dumps(eventbridge(each)).encode() for each in MADE)
    seen = found(data)
    assert (seen.ids, seen.problems) == (IDS, [])


def test_an_empty_stream_holds_nothing() -> None:
    for data in (b"", b"\n", b" \r\n\r\n", codecs.BOM_UTF8, gzip.compress(b"")):
        seen = found(data)
        assert (seen.events, seen.problems, seen.unknown) == ([], [], 0)


@example([1], lines, ENCODINGS["gzip"])
@example([1], lines, ENCODINGS["UTF-16 in gzip"])
@example([1], lines, ENCODINGS["UTF-16, little end first"])
@example([2], lines, ENCODINGS["UTF-8 with a byte order mark"])
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=6),
    st.sampled_from(list(WAYS.values())),
    st.sampled_from(list(ENCODINGS.values())),
)
def test_any_split_of_a_stream_into_reads_gives_the_same(
    sizes: list[int], way: Way, encode: Callable[[bytes], bytes]
) -> None:
    """A pipe gives what it has: a byte, half a character, half a byte order mark."""
    seen = found(encode(way(*map(eventbridge, MADE))), sizes)
    assert (seen.ids, seen.problems) == (IDS, [])


@st.composite
def records(draw: st.DrawFn) -> list[Json]:
    """A few records, some of which no rule reads."""
    kinds: list[Callable[[], Json]] = [
        lambda: pull(digest("a"), digest("b")),
        push,
        lambda: delete_images(digest("a")),
        delete_repository,
        lambda: expire_images(digest("c")),
        lambda: record("DescribeImages", {"repositoryName": "x", "imageIds": 7}),
    ]
    return [kind() for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8))]


@given(records())
def test_the_same_records_in_any_envelope_are_the_same_events(made: list[Json]) -> None:
    plain = found(lines(*made)).events
    assert [event.id for event in plain] == [
        each["eventID"] for each in made if each["eventName"] != "DescribeImages"
    ]
    for data in (
        lines(*map(eventbridge, made)),
        indented(*map(eventbridge, made)),
        side_by_side(*map(eventbridge, made)),
        indented([eventbridge(each) for each in made]),
        lines(log_file(*made)),
        indented(log_file(*made)),
        lines(looked_up(*made)),
        gzip.compress(indented(*made)),
    ):
        assert found(data).events == plain


def test_one_document_is_read_by_itself_too() -> None:
    """What the cloud functions call, which have no file."""
    reading = read(json.dumps([eventbridge(each) for each in MADE]).encode())
    assert [event.id for event in reading.events] == IDS
