"""`make demo`: makes a day of registry traffic with an attack in it, and replays it."""

import sys
from pathlib import Path

from registrywatch.cli import main
from tests.builders.day import write

DAY = Path("build/demo")

if __name__ == "__main__":
    write(DAY)
    print(f"{DAY} holds the logs of two registries for a day. registrywatch detects in them:\n")
    status = main(["replay", str(DAY)])
    print(
        f"\nThe same as JSON:  .venv/bin/registrywatch replay --json {DAY}"
        "\nYour own logs:     .venv/bin/registrywatch replay FILE-OR-FOLDER …"
        "\nThe rules:         .venv/bin/registrywatch rules"
    )
    sys.exit(status)
