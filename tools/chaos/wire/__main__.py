"""`python -m tools.chaos.wire`: runs both clouds' chains on the vendors' servers; prints a verdict.

The exit status is 0 if every promise was kept; with --mistakes, if every mistake was found.
"""

import argparse
import logging
import sys

from tools.chaos.traffic import CLOUDS
from tools.chaos.wire.crowd import Found, run
from tools.chaos.wire.faults import Wire
from tools.chaos.wire.mistakes import MISTAKES, WireMistake
from tools.chaos.wire.servers import Servers, servers

_MOST_SECONDS = 120.0
_SECONDS_OF_A_MISTAKE = 25.0
_BURSTS_OF_A_MISTAKE = 12
_SEEDS_OF_A_MISTAKE = 4


def main() -> int:
    """Run as the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make chaos WIRE=1", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides which requests fail and how")
    parser.add_argument("--bursts", type=int, default=40, help="actors with a burst, per cloud")
    parser.add_argument("--cloud", choices=CLOUDS, help="only this cloud")
    parser.add_argument("--mistakes", action="store_true", help="check that every mistake is found")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the SDKs log every fault
    with servers() as vendors:
        if given.mistakes:
            missed = [each.name for each in MISTAKES.values() if not _found(vendors, each)]
            print(f"{len(MISTAKES) - len(missed)} of {len(MISTAKES)} mistakes were found")
            return int(bool(missed))
        broken = False
        for cloud in [given.cloud] if given.cloud else CLOUDS:
            with vendors.chain(cloud, given.seed, Wire()) as chain:
                found = run(cloud, chain, given.seed, given.bursts, _MOST_SECONDS)
            _report(cloud, found)
            broken = broken or bool(found.broken)
    print(f"seed {given.seed}: {'promises were broken' if broken else 'every promise was kept'}")
    return int(broken)


def _found(vendors: Servers, mistake: WireMistake) -> bool:
    for seed in range(1, _SEEDS_OF_A_MISTAKE + 1):
        for cloud in mistake.clouds:
            with vendors.chain(cloud, seed, mistake.wire) as chain, mistake.make():
                result = run(cloud, chain, seed, _BURSTS_OF_A_MISTAKE, _SECONDS_OF_A_MISTAKE)
            if result.shows_a_mistake:
                print(f"{mistake.name}: found on {cloud} in {result.seconds:.0f} s")
                for each in result.broken:
                    print(f"  {each}")
                return True
    print(f"{mistake.name}: NOT FOUND")
    return False


def _report(cloud: str, found: Found) -> None:
    asked = ", ".join(f"{service} {times:,}" for service, times in found.requests.items())
    print(
        f"{cloud}: {found.bursts} bursts, {found.posts} POSTs, {found.given_back} deliveries given "
        f"back; requests: {asked}; {found.seconds:.0f} s"
    )
    faults = ", ".join(f"{how} {times}" for how, times in sorted(found.faults.items()))
    print(f"  faults: {faults}")
    for each in found.broken:
        print(f"  {each}")


if __name__ == "__main__":
    sys.exit(main())
