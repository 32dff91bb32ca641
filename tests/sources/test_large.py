"""Documents that are too large for memory are cut, and give what they give as a whole."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.sources import blocks, json_stream, large
from registrywatch.sources.files import pieces
from registrywatch.sources.large import cut
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json, delete_repository, looked_up, pull
from tests.builders.streams import found, lines

LARGE = 4000
SHAPES: dict[str, Callable[[list[Json]], Any]] = {
    "a log file": lambda records: {"Records": records},
    "with members around the records": lambda records: {
        "note": 'a "[{" b',
        "more": [{"a": [1]}, {"a": [2]}],
        "Records": records,
        "Truncated": False,
        "rest": [{"a": 1}, {"a": 2}],
    },
    "a list": lambda records: records,
    "a list of lists": lambda records: [{"Records": records}, {"Records": records[:2]}],
    "what lookup-events prints": lambda records: looked_up(*records),
}
PRINTED: dict[str, dict[str, Any]] = {
    "on one line": {"separators": (",", ":")},
    "with blanks": {},
    "indented": {"indent": 4},
    "indented by tabs": {"indent": "\t", "separators": (" ,", " : ")},
    "a record on each line": {"separators": (",\n", ":")},
}


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are large above a few records, and nothing is read as a trail's file."""
    for module in (blocks, json_stream, large):
        monkeypatch.setattr(module, "LARGE", LARGE)
        monkeypatch.setattr(module, "MOST", 5 * LARGE)
    monkeypatch.setattr(large, "_SURE", 2 * LARGE)
    monkeypatch.setattr(blocks, "LINES", 1000)
    monkeypatch.setattr(blocks, "LONG", 1000)
    monkeypatch.setattr(blocks, "_MOST_AT_ONCE", 0)


def some(number: int) -> list[Json]:
    """Records whose texts hold what separates records."""
    hostile = {"userAgent": '}],{"eventVersion":"1.11"}, [{"'}
    made = [pull(f"app{each}") | hostile for each in range(number)]
    made[number // 2] = delete_repository("prod/api", force=True)
    return [{"eventVersion": "1.11", **each} for each in made]


def ids(records: Sequence[Json]) -> list[str]:
    return [each["eventID"] for each in records]


@given(
    st.sampled_from([*SHAPES]),
    st.sampled_from([*PRINTED]),
    st.integers(1, 40),
    st.lists(st.integers(1, 3000), min_size=1, max_size=4),
)
def test_whatever_its_form_each_record_is_read_once(
    shape: str, printed: str, number: int, sizes: list[int]
) -> None:
    records = some(number)
    text = json.dumps(SHAPES[shape](records), **PRINTED[printed])
    seen = found(text.encode() + b"\n" + lines(pull("after")), sizes)
    again = records[:2] if shape == "a list of lists" else []
    assert seen.ids[:-1] == ids([*records, *again])
    assert not seen.problems and not seen.unknown


@for_each("printed", PRINTED)
def test_a_broken_record_harms_no_other_and_is_named_with_its_line(printed: str) -> None:
    records = some(60)
    text = json.dumps({"Records": records}, **PRINTED[printed]).encode()
    name = records[20]["eventID"].encode()
    at = text.index(name)
    seen = found(text[:at] + b'"' + text[at:])
    assert seen.ids == [each for each in ids(records) if each != records[20]["eventID"]]
    assert len(seen.problems) == 1
    begin = text.rindex(b'"eventVersion"', 0, at)
    assert text[:begin].count(b"\n") <= seen.lines[0] <= text[:at].count(b"\n") + 1


@for_each("size", [None, 100])
def test_an_indented_document_is_read_to_its_end_after_a_broken_record(
    size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # not large: the check before its end must not end it
    if size:
        monkeypatch.setattr(json_stream, "_FIRST_CHECK", size)
    records = some(120)
    text = json.dumps({"Records": records}, indent=4).replace('"eventName"', '"eventName', 1)
    assert len(text) > 1 << 17
    seen = found(text.encode())
    assert seen.ids == ids(records[1:])
    assert len(seen.problems) == 1


def test_without_a_list_of_records_no_more_is_held_than_a_limit() -> None:
    held, most = 0, 0

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            nonlocal held
            number = min(len(buffer), 60 * LARGE - held)
            buffer[:number] = b"\0" * number
            held += number
            return number

    problems = []
    for piece in pieces(io.BufferedReader(Endless(), 500)):
        problems += piece.reading.problems
        most = max(most, piece.size)
    assert held == 60 * LARGE
    assert most <= 5 * LARGE + 1000
    assert problems


def test_a_part_repeats_what_precedes_the_list_and_closes_it() -> None:
    document = b'{"a": [1, {"b": 2}], "rows": [["x", 1], ["y", 2], ["z", 3'
    parts = cut(document)
    assert parts is not None
    assert json.loads(parts.part) == {"a": [1, {"b": 2}], "rows": [["x", 1], ["y", 2]]}
    assert parts.rest == b'{"a": [1, {"b": 2}], "rows": [ ["z", 3'


@for_each(
    "document",
    [
        b"",
        b"[1, 2, 3",
        b'"text',
        b'{"a": 1, "b": 2',
        b'[{"a": 1',
        b'{"a": "[{\\"a\\": 1}, {\\"a\\"',
    ],
)
def test_what_has_no_two_records_is_not_cut(document: bytes) -> None:
    assert cut(document) is None
