"""`make demo`: makes a day of registry traffic with an attack in it, and replays it."""

import sys
from pathlib import Path

from registrywatch.cli import main
from tests.builders.day import write

DAY = Path("build/demo")

if __name__ == "__main__":
    write(DAY)
    print(f"{DAY} holds a day of two registries. This is what registrywatch detects in it:\n")
    status = main(["replay", str(DAY)])
    print(
        f"\nThe same for machines:  .venv/bin/registrywatch replay --json {DAY}"
        "\nOver your own logs:     .venv/bin/registrywatch replay FILE-OR-FOLDER …"
        "\nThe rules:              .venv/bin/registrywatch rules"
    )
    sys.exit(status)
