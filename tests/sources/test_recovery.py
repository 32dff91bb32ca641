"""One malformed record harms none before or after it, wherever it stands and whatever broke it."""

import json
import re
from collections.abc import Callable
from json import JSONDecoder
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registrywatch.sources import read
from tests.builders import azure
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json, delete_repository, eventbridge, expire_images, pull
from tests.builders.streams import found

SETTING = (
    f"{azure.registry_id()}/providers/Microsoft.Insights/diagnosticSettings/audit",
    "Microsoft.Insights/diagnosticSettings/delete",
)


def azure_records(count: int) -> list[Json]:
    """Records that a rule reads, no two of the same key."""
    made = [azure.logged("Pull", f"i{n}", correlation=f"c{n}") for n in range(count)]
    return [made[0], azure.activity(SETTING[1], SETTING[0]), *made[1:]]


def text(value: object) -> str:
    return json.dumps(value)


OTHER = azure.activity("Microsoft.Compute/virtualMachines/write", "/subscriptions/x/…/vm")
"""A record that no rule reads: what breaks it is said to break others' records."""

Damage = Callable[[str], str]
DAMAGES: dict[str, Damage] = {
    "an unescaped request body": lambda record: record.replace(
        '"properties": {', '"properties": {"requestbody":"{"Id":"x","Properties":{"a":1}}", '
    ),
    "an unescaped array in a text": lambda record: record.replace(
        '"properties": {', '"properties": {"requestbody":"[{"Id":"x"},{"Id":"y"}]", '
    ),
    "single quotes": lambda record: re.sub(
        r'"properties": \{.*?\}', "\"properties\": {'appName':'app','message':'it''s {'}", record
    ),
    "Python's words": lambda record: record.replace('"level": "Information"', '"level": None'),
    "a control character": lambda record: record.replace("Information", "Infor\x01mation"),
    "a line break in a text": lambda record: record.replace("Information", "Infor\nmation"),
    "a tab in a text": lambda record: record.replace("Information", "Infor\tmation"),
    "a wrong escape": lambda record: record.replace("Information", r"C:\Users\x"),
    "a backslash before the end": lambda record: record.replace('Information"', 'Information\\"'),
    "a missing comma": lambda record: record.replace(', "level"', ' "level"'),
    "a comma too many": lambda record: record[:-1] + ",}",
    "a missing end": lambda record: record[:-1],
    "two brackets too many": lambda record: record + "}}",
    "an array's end too many": lambda record: record + "]",
    "a missing begin": lambda record: record[1:],
    "no value": lambda record: record.replace('"Information"', ""),
    "a key without quotes": lambda record: record.replace('"level"', "level"),
    "cut in a text": lambda record: record[: record.index("Information") + 4],
    "cut in a list": lambda record: record[:-1] + ', "list": [1, 2',
    "cut in a list of objects": lambda record: record[:-1] + ', "list": [{"a": 1}',
    "cut after a colon": lambda record: record[: record.index('"Information"')],
    "cut after a comma": lambda record: record[: record.index('"level"')],
    "nothing left": lambda record: "{",
    "not even a bracket": lambda record: "oops",
    "comments": lambda record: record.replace("{", "{ /* first */ ", 1),
    "NaN": lambda record: record.replace('"Information"', "NaN"),
    "truncated by a person": lambda record: record[:60] + "…",
}
by_damage = for_each("damage", DAMAGES.values(), ids=DAMAGES)


def of_hub(parts: list[str]) -> str:
    return '{"records": [' + ",".join(parts) + "]}"


@by_damage
@pytest.mark.parametrize("at", [0, 2, 4])
def test_of_an_event_hub_message_all_records_but_the_broken_one_are_read(
    damage: Damage, at: int
) -> None:
    good = azure_records(3)
    parts = [text(each) for each in good]
    parts.insert(at, damage(text(OTHER)))
    reading = read(of_hub(parts).encode())
    alone = [read(text({"records": [each]}).encode()).events[0] for each in good]
    assert reading.events == alone
    assert reading.problems


@by_damage
@pytest.mark.parametrize("separator", [",", ",\n", "\n,\n", "\n", "", "  ", "\t"])
def test_however_the_records_are_set_apart(damage: Damage, separator: str) -> None:
    made = [pull("a"), delete_repository(), expire_images("c"), pull("d")]
    parts = [text(each) for each in made]
    broken = {**pull("broken"), "properties": {}, "level": "Information", "more": 1}
    broken_id = broken["eventID"]
    parts[2:2] = [damage(text(broken))]
    for begin, end in (('{"Records":[', "]}"), ("[", "]"), ("", "")):
        seen = found((begin + separator.join(parts) + end).encode())
        assert [each for each in seen.ids if each != broken_id] == [
            each["eventID"] for each in made
        ]
        assert seen.problems


@by_damage
def test_of_several_broken_ones_each_is_named_with_its_line(damage: Damage) -> None:
    good = [text(each) for each in azure_records(2)]
    bad = damage(text(OTHER))
    if bad in ("{", "oops") or "\n" in bad or bad.startswith(text(OTHER)):
        return  # no more than brackets are left, or the record itself is whole
    document = '{"records": [\n' + ",\n".join([bad, good[0], good[1], bad, good[2]]) + "\n]}"
    seen = found(document.encode())
    assert len(seen.events) == 3
    assert seen.lines == [2, 5]


def test_the_message_names_the_broken_record() -> None:
    bad = DAMAGES["single quotes"](text(OTHER))
    [problem] = read(of_hub([text(azure.logged()), bad]).encode()).problems
    assert problem.text.startswith(
        f"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE {OTHER['correlationId']}: "
    )
    assert "not JSON" in problem.text
    assert problem.record.decode().startswith(bad[:100])


def test_records_of_an_indented_document_are_found_around_a_break() -> None:
    made = [eventbridge(pull(str(n))) for n in range(4)]
    document = json.dumps(made, indent=4).replace('"cipherSuite"', "'cipherSuite'", 1)
    seen = found(document.encode())
    assert seen.ids == [each["detail"]["eventID"] for each in made[1:]]
    assert len(seen.lines) == 1


def test_a_document_after_a_broken_one_is_read() -> None:
    good = of_hub([text(azure.logged())])
    seen = found(f"{good[:-30]}\n{good}\n{good}\n".encode())
    assert len(seen.events) == 2
    assert seen.lines == [1]


def test_a_bad_byte_harms_its_own_record_only_even_where_the_json_is_broken() -> None:
    parts = [text(each).encode() for each in azure_records(3)]
    parts[1:1] = [text(OTHER).encode().replace(b"Information", b"\xff\xfe"), b"{oops"]
    reading = read(b'{"records": [' + b",".join(parts) + b"]}")
    assert len(reading.events) == 4
    assert len(reading.problems) == 2


def test_what_a_broken_record_holds_is_no_record_of_its_own() -> None:
    """Nothing that lies deeper is taken for one, whatever it resembles."""
    inner = {"resources": [{"ARN": "x", "data": {}}], "detail": {"a": 1}, "records": 7}
    broken = text({**OTHER, "inner": inner})[:-1]
    reading = read(of_hub([broken, text(azure.logged())]).encode())
    assert (len(reading.events), len(reading.problems), reading.unknown) == (1, 1, {})


def test_a_record_of_any_depth_beside_a_broken_one_is_dealt_with() -> None:
    deep = "[" * 600 + "]" * 600
    strange = text({**delete_repository(), "x": "DEEP"}).replace('"DEEP"', deep)
    good = text(delete_repository(repository="other"))
    seen = read(f"{{oops {strange} {good}".encode())
    assert [event.repository for event in seen.events] == ["prod/api", "other"]
    assert seen.problems


# Any damage at all


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A record with characters put in, taken out or changed."""
    record = text(draw(st.sampled_from([OTHER, azure.logged("Pull", "x"), pull("x")])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(record)))
        cut = draw(st.integers(0, 30))
        put = draw(st.text("{}[]\",:'\\\n\x00aé ", max_size=4))
        record = record[:at] + put + record[at + cut :]
    return record


def names(events: list[Any]) -> set[str]:
    return {event.id for event in events}


GOOD = azure_records(2)
GOOD_IDS = {each["correlationId"] for each in GOOD}


@given(st.lists(damaged(), min_size=1, max_size=3), st.permutations(range(3)))
@example(['{"records": ['], [0, 1, 2])
@example(['"'], [0, 1, 2])
@example(["\\"], [0, 1, 2])
@example(['{"a": "'], [2, 1, 0])
@example(['{"a": ['], [0, 2, 1])
def test_whatever_is_put_among_good_records_every_good_one_is_read(
    bad: list[str], order: list[int]
) -> None:
    parts = [text(GOOD[place]) for place in order]
    for each in bad:
        parts.insert(len(each) % (len(parts) + 1), each)
    reading = read(of_hub(parts).encode())
    assert names(reading.events) >= GOOD_IDS


@given(st.binary(max_size=200), st.integers(0, 3))
def test_whatever_bytes_stand_between_good_records_every_good_one_is_read(
    junk: bytes, at: int
) -> None:
    parts = [text(each).encode() for each in GOOD]
    parts.insert(at, junk)
    reading = read(b'{"records": [' + b",".join(parts) + b"]}")
    assert names(reading.events) >= GOOD_IDS


# Its cost


HOSTILE: dict[str, Callable[[int], str]] = {
    "objects in each other": lambda size: '{"a":' * (size // 5),
    "arrays of objects in each other": lambda size: '[{"a":' * (size // 6),
    "an open text": lambda size: '{"a":"' + "x" * size,
    "open texts": lambda size: '{"a":"x' * (size // 7),
    "an open array of objects": lambda size: '{"a":[' + '{"b":1},' * (size // 8),
    "open arrays of numbers": lambda size: ('{"a":[' + "1," * 500) * (size // 1006),
    "objects that are no records": lambda size: "[" + '{"a":{"b":{"c":{"d":1}}}},' * (size // 25),
    "quotes": lambda size: '{"' * (size // 2),
    "escaped quotes": lambda size: '"{\\"' * (size // 4),
    "records that swallow": lambda size: (
        '{"records":[' + '{"operationName":"Pull","resourceId":"x","a":[' * (size // 46)
    ),
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_four_times_the_length_costs_about_four_times_the_work(
    made: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in bytes that decoding attempts look at, not in time."""
    looked_at = 0

    class Counting(JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
            nonlocal looked_at
            try:
                value, end = super().raw_decode(s, idx)
            except json.JSONDecodeError as error:
                looked_at += error.pos - idx + 1
                raise
            looked_at += end - idx
            return value, end

    monkeypatch.setattr("json.JSONDecoder", Counting)
    for size in (5_000, 20_000):
        looked_at = 0
        document = made(size)
        read(document.encode())
        assert looked_at <= 40 * len(document) + 50_000


@pytest.mark.parametrize("name", [each for each in HOSTILE if "each other" in each])
def test_tens_of_thousands_of_levels_are_dealt_with(name: str) -> None:
    reading = read(HOSTILE[name](80_000).encode())
    assert not reading.events
    assert reading.problems
