"""The traffic for the benchmarks of windows: pulls, in batches as they arrive."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from registrywatch.windows import Counter, Window, group_digest
from registrywatch.windows.sightings import hashed

START = 1_800_000_000
WINDOW = Window(threshold=100, seconds=600, quiet_seconds=600)
ROLES, ACCOUNTS, IMAGES_A_ROLE = 12, 2, 25
BATCH = 1000
ALERT = bytes(3000)  # about as long as an alert with all its texts


class Pull(NamedTuple):
    time: float
    group: str
    image: int


class Batch(NamedTuple):
    """Pulls in the order of their arrival, and when the last of them arrived."""

    at: float
    pulls: Sequence[Pull]


def hour(*, storm: bool = False, seconds: int = 3600, rate: int = 100) -> list[Pull]:
    """`rate` pulls a second by 12 roles in 2 accounts, each of 25 images, some of them popular.

    In a storm no image is ever pulled twice.
    """
    rng = random.Random(1)
    groups = [
        group_digest("bench", WINDOW, f"role-{role}", f"account-{account}")
        for role in range(ROLES)
        for account in range(ACCOUNTS)
    ]
    images = [image_hash(str(n)) for n in range(ROLES * IMAGES_A_ROLE)]
    popularity = [1 / (rank + 1) for rank in range(IMAGES_A_ROLE)]  # Zipf
    pulls = []
    for n in range(seconds * rate):
        group = rng.randrange(len(groups))
        role = group // ACCOUNTS
        [rank] = rng.choices(range(IMAGES_A_ROLE), popularity)
        image = image_hash("storm", str(n)) if storm else images[role * IMAGES_A_ROLE + rank]
        pulls.append(Pull(START + n / rate, groups[group], image))
    return pulls


def lone_storm(pulls: int, rate: int = 100) -> Iterator[Pull]:
    """One actor, who pulls a different image each time."""
    group = group_digest("bench", WINDOW, "thief")
    for n in range(pulls):
        yield Pull(START + n / rate, group, image_hash(str(n)))


def image_hash(*of: str) -> int:
    """Any 64 bits that stand for an image."""
    return int.from_bytes(hashed(*of, size=8))


def batches(pulls: Sequence[Pull], *, disorder: float = 0, size: int = BATCH) -> Iterator[Batch]:
    """The pulls as they arrive, each after a delay of up to `disorder` seconds."""
    rng = random.Random(2)
    arrivals = [(pull.time + rng.uniform(0, disorder), pull) for pull in pulls]
    if disorder:
        arrivals.sort()
    for first in range(0, len(arrivals), size):
        some = arrivals[first : first + size]
        yield Batch(some[-1][0], [pull for _, pull in some])


def count(
    counter: Counter,
    pulls: Sequence[Pull],
    hand_over: Callable[[bytes], None],
    window: Window = WINDOW,
) -> None:
    """Count a batch as the detector does, group by group."""
    groups: defaultdict[str, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for pull in pulls:
        groups[pull.group][window.step_of(pull.time)].add(pull.image)
    for group, sightings in groups.items():
        counter.count(group, window, sightings, alert_of(group), hand_over)


def alert_of(group: str) -> Callable[[int, object], tuple[str, bytes]]:
    """Alerts that hold group and anchor, and are as long as real ones."""

    def body(anchor: int, _seen: object) -> tuple[str, bytes]:
        text = f"{group} {anchor}".encode()
        return f"{group[:16]}{anchor}", text.ljust(len(ALERT))

    return body
