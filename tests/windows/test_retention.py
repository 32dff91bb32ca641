"""What lies further back than deliveries may lag behind is refused, and forgotten safely."""

from registrywatch.windows import MemoryStore, Window
from tests.windows.harness import START, Scene, images

THREE = Window(3, 600, 600)
DAY = 86_400


def scene() -> Scene:
    store = MemoryStore()
    return Scene(lambda: store, THREE)


def test_events_older_than_the_retention_are_refused_and_the_rest_is_counted() -> None:
    there = scene()
    worker = there.worker(clock=START + 2 * DAY, retention_seconds=DAY)
    old, new = images(7, 8, at=0), images(1, 2, 3, at=DAY + 600)
    assert worker.deliver(*old, *new) == (THREE.step_of(START),)
    assert there.anchors == [THREE.step_of(START + DAY + 600)]
    assert there.open_store().read(there.group, *[THREE.step_of(START)] * 2) == {}


def test_an_event_exactly_as_old_as_the_retention_is_counted() -> None:
    worker = scene().worker(clock=START + DAY, retention_seconds=DAY)
    assert worker.deliver(*images(1, at=0)) == ()
    assert worker.deliver(*images(2, at=-1)) == (THREE.step_of(START - 1),)


def test_without_a_retention_nothing_is_too_old() -> None:
    there = scene()
    assert there.worker(clock=START + 9999 * DAY).deliver(*images(1, 2, 3, at=0)) == ()
    assert len(there.queue) == 1


def test_what_is_quiet_is_forgotten_only_when_nothing_in_it_is_counted_any_more() -> None:
    there, now = scene(), float(START)
    worker = there.worker(clock=lambda: now, retention_seconds=DAY, warm=False)
    worker.deliver(*images(1, 2, 3, at=0))
    now = START + DAY  # the last moment at which that burst may be delivered once more
    worker.deliver(*images(1, 2, 3, at=DAY))
    worker.deliver(*images(1, 2, 3, at=0))
    assert len(there.queue) == 2
    assert len(there.open_store().claim(there.group).quiet.intervals) == 2
    now = START + DAY + 3 * 3600
    worker.deliver(*images(1, 2, 3, at=DAY + 3 * 3600))
    assert len(there.open_store().claim(there.group).quiet.intervals) == 2  # the first is gone
    assert worker.deliver(*images(1, 2, 3, at=0)) != ()
    assert len(there.queue) == 3
