"""What importing costs, in milliseconds of CPU more than an empty interpreter."""

import statistics
import subprocess
import sys

ROUNDS = 15
STATEMENTS = {
    "import registrywatch": "import registrywatch",
    "the library with all rules and the detector": (
        "import registrywatch.detector, registrywatch.sources, registrywatch.windows.memory"
    ),
    "the settings, read from an empty environment": (
        "import registrywatch.settings; registrywatch.settings.parse({})"
    ),
    "the command line, for replay": "import registrywatch.cli, registrywatch.cli.replay",
}


def main() -> None:
    """Prints the medians of alternating rounds in this one run."""
    empty: list[float] = []
    costs: dict[str, list[float]] = {what: [] for what in STATEMENTS}
    for _ in range(ROUNDS):
        empty.append(_cpu(""))
        for what, statement in STATEMENTS.items():
            costs[what].append(_cpu(statement))
    nothing = statistics.median(empty)
    print(f"{nothing:6.1f} ms  an empty interpreter")
    for what, times in costs.items():
        print(f"{statistics.median(times) - nothing:+6.1f} ms  {what}")


def _cpu(statement: str) -> float:
    code = f"{statement}\nimport time; print(time.process_time() * 1000)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)
