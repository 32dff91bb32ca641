"""`python -m tools.chaos`: runs both clouds' chains under faults, and prints the verdict.

The exit status is 0 if every promise was kept; with --mistakes, if every mistake was found.
"""

import argparse
import signal
import sys

from tools.chaos.mistakes import MISTAKES
from tools.chaos.run import Result, caught, run
from tools.chaos.traffic import CLOUDS
from tools.chaos.world import Bounds, Endless

_MOST_SECONDS = 220


def main() -> int:
    """Run as the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers")
    parser.add_argument("--bursts", type=int, default=1000, help="bursts of pulls per cloud")
    parser.add_argument("--cloud", choices=CLOUDS, help="only this cloud")
    parser.add_argument("--mistake", choices=list(MISTAKES), help="run with this mistake")
    parser.add_argument("--mistakes", action="store_true", help="check that every mistake is found")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, _ends)
    signal.alarm(_MOST_SECONDS)
    try:
        if given.mistakes:
            return _all_mistakes(given.seed)
        return _chains(given)
    except Endless as endless:
        print(f"ended: {endless} (seed {given.seed})")
        return 2


def _chains(given: argparse.Namespace) -> int:
    clouds = [given.cloud] if given.cloud else CLOUDS
    bounds = Bounds(seconds=_MOST_SECONDS / len(CLOUDS))
    broken = False
    for cloud in clouds:
        if given.mistake:
            result = run(cloud, given.seed, given.bursts, bounds, MISTAKES[given.mistake])
        else:
            result = run(cloud, given.seed, given.bursts, bounds)
        _report(result)
        broken = broken or bool(result.broken)
    print(f"seed {given.seed}: {'promises were broken' if broken else 'every promise was kept'}")
    return int(broken)


def _all_mistakes(seed: int) -> int:
    missed = 0
    for mistake in MISTAKES.values():
        result = caught(mistake, seed)
        if result is None:
            missed += 1
            print(f"{mistake.name}: NOT FOUND")
        else:
            print(f"{mistake.name}: found on {result.cloud} in {result.seconds:.1f} s")
            for each in result.broken:
                print(f"  {each}")
    print(f"{len(MISTAKES) - missed} of {len(MISTAKES)} mistakes were found")
    return int(missed > 0)


def _report(result: Result) -> None:
    print(
        f"{result.cloud}: {result.bursts} bursts, {result.near_misses} near misses, "
        f"{result.changes} changes in {result.deliveries:,} deliveries; {result.posts:,} POSTs "
        f"taken, {result.dead_letters} dead letters put back, {result.dead_events} of them events; "
        f"{result.seconds:.0f} s"
    )
    faults = ", ".join(f"{how} {times}" for how, times in sorted(result.faults.items()))
    print(f"  faults: {faults}")
    for each in result.broken:
        print(f"  {each}")


def _ends(*_: object) -> None:
    raise Endless(f"more than {_MOST_SECONDS} seconds")


if __name__ == "__main__":
    sys.exit(main())
