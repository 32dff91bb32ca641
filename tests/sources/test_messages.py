"""Parts of inputs are the same after the way from one process to another, whatever they hold."""

import sys
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.events import Actor, ImagesDeleted, Pull, Push, RegistryEvent, What
from registrywatch.sources import Reading
from registrywatch.sources.files import Piece
from registrywatch.sources.many import Part
from registrywatch.sources.messages import packed, unpacked


def _all[T: msgspec.Struct](kind: type[T], **fields: object) -> st.SearchStrategy[T]:
    """Values of the kind with something in every field, also in those that have a default."""
    return st.builds(kind, **(dict.fromkeys(kind.__struct_fields__, ...) | fields))  # type: ignore[arg-type]


_events = st.lists(_all(RegistryEvent, time=st.floats(allow_nan=False)), max_size=3)
_parts = _all(Part, piece=_all(Piece, reading=_all(Reading, events=_events)))


@given(st.lists(_parts, max_size=3))
def test_parts_are_the_same_at_the_other_end(parts: list[Part]) -> None:
    assert unpacked(memoryview(packed(parts))) == parts


@pytest.mark.parametrize("kind", get_args(What))
def test_every_kind_of_event_is_the_same_at_the_other_end(kind: type[What]) -> None:
    @settings(max_examples=15)  # of each of forty kinds; parts of any kinds are tried above
    @given(st.from_type(kind))
    def same(what: What) -> None:
        (there,) = unpacked(memoryview(packed([_part(what)])))
        assert there.piece.reading.events[0].what == what
        assert type(there.piece.reading.events[0].what) is kind

    same()


@pytest.mark.parametrize(
    "what", [Pull(("sha256:1",)), Push("sha256:1", "v1"), ImagesDeleted(("sha256:1",))]
)
def test_heavy_traffic_is_not_pickled_which_takes_twice_as_long(
    what: What, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pickle", None)  # an import of it fails
    assert unpacked(memoryview(packed([_part(what)]))) == [_part(what)]


def _part(what: What) -> Part:
    event = RegistryEvent("1", "1", 0.0, "aws", "1", "eu-west-1", "r", "api", Actor("a"), what)
    return Part(0, Piece(Reading([event])))
