"""The cost of starting: CPU milliseconds and modules of each entry point, in fresh processes.

Each has its ratio to the floor, an interpreter that imports only msgspec. The entry points take
turns, so that the machine's load affects all of them.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.aws.test_imports import ENVIRONMENT

ROUNDS = 15
ROOT = Path(__file__).parents[2]
FLOOR = "msgspec alone"
_REPORT = "\nimport sys, time\nprint(time.process_time() * 1000, len(sys.modules))"


class Cost(msgspec.Struct, frozen=True):
    """The cost of one process: CPU milliseconds, and the number of loaded modules."""

    cpu: float
    modules: int


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as scratch:
        events = Path(scratch) / "events.json"
        events.write_text('{"Records": []}')
        points = entry_points(events)
        costs: dict[str, list[Cost]] = {name: [] for name in points}
        for _ in range(ROUNDS):
            for name, statement in points.items():
                costs[name].append(cost(statement))
    floor = statistics.median(each.cpu for each in costs[FLOOR])
    print(f"{'':36}{'CPU ms':>8}{'of floor':>10}{'modules':>9}   medians of {ROUNDS}")
    for name, found in costs.items():
        cpu = statistics.median(each.cpu for each in found)
        print(f"{name:36}{cpu:8.1f}{cpu / floor:10.2f}{found[0].modules:9}")


def entry_points(events: Path) -> dict[str, str]:
    """The statement that each process runs. `events` is an empty file."""
    main = "from registrywatch.cli import main\n"
    functions = sorted(
        path.stem
        for path in (ROOT / "functions/aws").glob("*.py")
        if "\ndef handler(" in path.read_text("utf-8")
    )
    return {
        FLOOR: "import msgspec",
        "the settings of an empty environment": (
            "import registrywatch.settings as settings; settings.parse({})"
        ),
        "registrywatch replay, an empty file": f"{main}main(['replay', {str(events)!r}])",
        "registrywatch rules": f"{main}main(['rules'])",
        **{f"functions/aws/{name}.py": f"import functions.aws.{name}" for name in functions},
        "function_app.py": "import function_app",
    }


def cost(statement: str) -> Cost:
    """The cost of a fresh process that runs the statement."""
    done = subprocess.run(
        [sys.executable, "-c", statement + _REPORT],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **ENVIRONMENT, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
    )
    cpu, modules = done.stdout.split()[-2:]
    return Cost(float(cpu), int(modules))
