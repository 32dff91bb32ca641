"""`tune` and `learn` over a million events: time and memory; writes its part of performance.md.

The input is a trail folder with the records of a thousand roles, all of ECR. `learn` writes to
DynamoDB Local over the loopback.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.builders import trail_folder
from tests.builders.dynamodb import local_client, new_table
from tests.integration.dynamodb import dynamodb_local
from tools.bench._page import write_part

EVENTS = 1_000_000
ROLES = tuple(f"team-{number}" for number in range(500))  # in two accounts each
_MEASURE = """
import resource, sys
from registrywatch.cli import main
status = main(sys.argv[1:])
used = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu = sum(each.ru_utime + each.ru_stime for each in used)
print(cpu, max(each.ru_maxrss for each in used), file=sys.stderr)
sys.exit(status)
"""


class Run(msgspec.Struct, frozen=True):
    """Wall seconds, CPU seconds of all processes, peak memory of the largest in MB, last line."""

    seconds: float
    cpu: float
    megabytes: float
    said: str


def main() -> None:
    """Measure both and write the part."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, logs = Path(scratch) / "trail", Path(scratch)
        size = trail_folder.write(folder, EVENTS, share=1.0, roles=ROLES)
        print(f"{EVENTS:,} events of {2 * len(ROLES):,} actors, {size / 1e6:,.0f} MB packed")
        tuned = _show("tune", _measured("tune", "--json", str(folder)))
        with dynamodb_local(logs) as endpoint:
            table = new_table(local_client(endpoint))
            environ = {
                "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "nobody",
                "AWS_SECRET_ACCESS_KEY": "nothing",
            }
            arguments = ("learn", "--table", table, str(folder))
            learnt = _show("learn", _measured(*arguments, **environ))
            again = _show("learn again", _measured(*arguments, **environ))
    write_part("large", part(size, tuned, learnt, again))


def _measured(*arguments: str, **more: str) -> Run:
    kept = {name: value for name, value in os.environ.items() if "REGISTRYWATCH" not in name}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *arguments],
        capture_output=True,
        env={**kept, **more},
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    cpu, most = done.stderr.split()[-2:]
    return Run(seconds, float(cpu), int(most) / 1024, done.stdout.strip())


def _show(name: str, run: Run) -> Run:
    print(f"{name}: {run.seconds:.1f} s, CPU {run.cpu:.1f} s, {run.megabytes:,.0f} MB", flush=True)
    return run


def part(size: int, tuned: Run, learnt: Run, again: Run) -> str:
    """The part of docs/performance.md."""
    runs = (("`tune`", tuned), ("`learn`", learnt), ("`learn` once more", again))
    table = "\n".join(
        f"| {name} | {run.seconds:.0f} s | {run.cpu:.0f} s | {run.megabytes:,.0f} MB |"
        for name, run in runs
    )
    return f"""\
Written by `make bench BENCH=large` on {datetime.now(UTC).date()}, {os.process_cpu_count()} cores of
a shared machine, Python {platform.python_version()}.

A trail folder of {EVENTS:,} events by {2 * len(ROLES):,} roles, all of ECR ({size / 1e6:,.0f} MB in
gzip), read by one process for each core. `learn` writes to DynamoDB Local: "{learnt.said}"

| | wall | CPU of all processes | memory of the largest |
|---|---|---|---|
{table}

Both read piece by piece and keep no event. `tune` keeps what was counted, 8 bytes for each thing
that a window sees in a step; `learn` keeps the earliest use of each repository by each actor.
"""
