"""A small fleet for a few days: quiet after the learning days, and every attack in it is seen."""

from registrywatch.severity import Severity
from tools.bench._fleet import DAY, START, Fleet, Size, attacks
from tools.bench.fleet import MOST_LOW, Run, worst_days

SMALL = Size(
    nodes=30,
    services=40,
    deployments=20,
    churn=15,
    morning=12,
    builds=30,
    charts=2,
    expired_repositories=10,
    archived=130,
)
DAYS = 4


def test_an_ordinary_fleet_is_quiet_and_six_attacks_in_it_are_seen() -> None:
    run = Run(Fleet(SMALL), {"REGISTRYWATCH_LEARNING_DAYS": "1"})
    days = [run.day(number) for number in range(DAYS)]
    worst, low = worst_days(days[2:])
    assert worst <= Severity.LOW
    assert low <= MOST_LOW
    seen = {}
    for attack in attacks(run.fleet, START + DAYS * DAY + 3 * 3600):
        found = run.seen_after(attack)
        seen[attack.name] = found and found[0]
    assert seen == {
        "the slow copier": 20,
        "the stolen node role": 20,
        "the one-by-one wiper": 10,
        "the wiper that empties repositories before deleting them": 9,
        "the foreign account": 1,
        "the copier over replicas": 20,
    }
