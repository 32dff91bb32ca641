"""Whatever is delivered, in whatever batches, order and repetition, and whoever fails meanwhile."""

from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.errors import StoreError
from registrywatch.windows import MemoryStore, Window
from tests.windows.harness import START, Scene
from tests.windows.oracle import Seen

windows = st.builds(
    lambda threshold, seconds, more, parts: Window(threshold, seconds, seconds + more, parts),
    st.integers(1, 4),
    st.sampled_from([12, 13, 100, 600]),
    st.sampled_from([0, 1, 7, 600]),
    st.booleans(),
)
"""Lengths whose steps are whole seconds, and such whose are not."""


@st.composite
def batches(draw: st.DrawFn) -> list[list[Seen]]:
    """Sightings within a few windows of each other, some exactly a window or a step apart."""
    unit = draw(st.sampled_from([1.0, 8.25, 50.0, 599.5, 600.0]))
    sightings = st.builds(
        lambda at, what: Seen(START + at * unit, what), st.integers(0, 40), st.integers(0, 5)
    )
    return draw(st.lists(st.lists(sightings, min_size=1, max_size=4), min_size=1, max_size=14))


@given(windows, batches(), st.data())
@settings(max_examples=100, deadline=None)
def test_the_guarantees_hold(
    window: Window, batches: list[list[Seen]], data: st.DataObject
) -> None:
    store = MemoryStore()
    scene = Scene(lambda: store, window)
    failures = data.draw(st.lists(st.integers(0, 60), max_size=3), label="failures, by point")
    passed = 0

    def point(call: str) -> None:
        nonlocal passed
        passed += 1
        if passed in failures:
            raise StoreError(call)

    crew = [scene.worker(warm=True, point=point), scene.worker(warm=False, point=point)]
    repeated = data.draw(st.permutations(batches + batches[::2]), label="deliveries")
    for number, batch in enumerate(repeated):
        try:
            crew[number % 2].deliver(*batch)
        except StoreError:
            repeated.append(batch)
            if number % 3:
                crew[number % 2] = scene.worker(point=point)
    scene.check()
