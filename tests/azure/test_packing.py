"""What is packed comes out as it was, and fits."""

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.azure.packing import packed, packed_quiet, unpacked, unpacked_quiet
from registrywatch.windows.meaning import Quiet

PROPERTY = 64 * 1024  # bytes that a property in Table Storage holds


@given(st.sets(st.integers(0, 2**64 - 1), max_size=50))
def test_sightings_come_out_as_they_were(sightings: set[int]) -> None:
    assert set(unpacked(packed(sightings))) == sightings


@given(st.lists(st.tuples(st.integers(2, 10**9), st.integers(0, 10**6)), max_size=20))
def test_intervals_come_out_as_they_were(gaps_and_lengths: list[tuple[int, int]]) -> None:
    intervals, end = [], 0
    for gap, length in gaps_and_lengths:
        intervals.append((end + gap, end + gap + length))
        end = intervals[-1][1]
    quiet = Quiet(tuple(intervals))
    assert unpacked_quiet(packed_quiet(quiet)) == quiet


def test_the_highest_threshold_and_ten_thousand_bursts_fit_into_a_property() -> None:
    assert len(packed(range(8_000))) <= PROPERTY
    starts = range(36_000_000, 36_000_000 + 10_000 * 1000, 1000)
    assert len(packed_quiet(Quiet(tuple((start, start + 24) for start in starts)))) <= PROPERTY
