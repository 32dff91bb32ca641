"""Answers the same question with other tools; writes its part of docs/performance.md.

Who pulled more than 100 images in ten minutes, and which policies were opened? Each peer runs in
its own environment; jq is Debian's. As in a real bucket, 97 % of the records are of other services.
The folder has what is hard in real logs: a burst across two blocks of ten minutes, in several files
out of order; an innocent actor whose every pull was delivered twice; an actor whose two bursts
arrive in the wrong order.
"""

import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.builders import cloudtrail as ct
from tests.builders import trail_folder
from tests.builders.clock import T0
from tests.integration.components import TOOLS, fetch
from tools.bench._page import write_part

RECORDS = 240_000
ROUNDS = 3
ANSWERS = Path(__file__).parent / "peer_answers"
THIEF = "arn:aws:iam::111122223333:role/thief"
TRUE = {f"pulled {THIEF}", "opened shop/api"}

# Started from a small process: the memory of the parent counts as the child's.
_MEASURE = """
import os, resource, sys
number = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
assert os.waitpid(number, 0)[1] == 0, sys.argv[1]
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""


class Peer(msgspec.Struct, frozen=True):
    """A tool: how it is run over a folder, the lines that its user writes, its pros and cons."""

    name: str
    command: Sequence[str]
    lines: int
    more: str
    less: str


class Measured(msgspec.Struct, frozen=True):
    """Wall seconds, CPU seconds of all processes, peak memory of the largest in MB, the answer."""

    seconds: float
    cpu: float
    megabytes: float
    answer: set[str]


def main() -> None:
    """Measure each in turn and write the part."""
    for name in ("duckdb", "panther"):
        fetch(name)
    if shutil.which("jq") is None:
        raise SystemExit("jq is missing: apt-get install jq")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        size = trail_folder.write(folder, RECORDS)
        plant(folder)
        rows = []
        for peer in peers(folder):
            runs = [measured(peer) for _ in range(ROUNDS)]
            middle = sorted(runs, key=lambda run: run.cpu)[ROUNDS // 2]
            rows.append((peer, middle))
            print(peer.name, rows[-1][1], flush=True)
    write_part("peers", part(rows, size))


def plant(folder: Path) -> None:
    """The records that the answers depend on: bursts, the policy, pulls delivered twice."""
    where = next(folder.rglob("*.gz")).parent
    thief, innocent = ct.role("thief"), ct.role("innocent")
    start = T0 + 3600 - 240  # four minutes before a block ends
    burst = [
        ct.pull(f"v{number}", repository="shop/web", by=thief, at=start + number * 4)
        for number in range(120)
    ]
    twice = [
        ct.pull(f"v{number}", repository="shop/cart", by=innocent, at=T0 + number * 2)
        for number in range(60)
    ]
    anyone = ct.allow("ecr:*", to="*")
    opened = ct.set_policy(anyone, "shop/api", by=thief, at=start + 500)
    patient = [
        ct.pull(f"v{number}", repository="shop/mail", by=ct.role("patient"), at=start + number)
        for number in (*range(1200, 1260), *range(60))  # the later ones first
    ]
    files = {
        "c": patient,
        "zz-late": burst[:60],
        "zz-early": [*burst[60:], opened],
        "a": twice,
        "b": twice,
    }
    for name, records in files.items():
        packed = gzip.compress(json.dumps({"Records": records}).encode())
        (where / f"{name}.json.gz").write_bytes(packed)


def peers(folder: Path) -> list[Peer]:
    """All tools, as their users would call them."""
    query = (ANSWERS / "pulls.sql").read_text().format(folder=folder)
    run_sql = (
        "import duckdb, sys\nduckdb.execute('SET enable_progress_bar = false')\n"
        "for statement in sys.argv[1].split(';\\n'):\n"
        "    if statement.strip():\n"
        "        rows = duckdb.execute(statement).fetchall()\n"
        "        for row in rows if statement.startswith('SELECT') else ():\n"
        "            print(row[0])\n"
    )
    own = (
        "import json, sys\nfrom registrywatch.cli import main\n"
        "sys.exit(main(['replay', '--json', '--rule', 'ecr-excessive-image-pull', '--rule', "
        "'ecr-repository-policy-applied', sys.argv[1]]))"
    )
    jq = f"find {folder} -name '*.gz' | sort | xargs zcat | jq -rn -f {ANSWERS / 'pulls.jq'}"
    return [
        Peer(
            "registrywatch replay",
            (sys.executable, "-c", own, str(folder)),
            0,
            "exact over any window, whatever the order and repetition; grades, reasons, what to do",
            "answers the questions of its catalogue only",
        ),
        Peer(
            "jq",
            ("sh", "-c", jq),
            _lines("pulls.jq"),
            "any question, no schema, everywhere at hand",
            "blocks of ten minutes only; everything in memory; one core",
        ),
        Peer(
            "DuckDB",
            (str(TOOLS / "duckdb/bin/python"), "-c", run_sql, query),
            _lines("pulls.sql"),
            "any question, in SQL; joins with other data; reads buckets and Parquet as well",
            "policies by a pattern on their text, not by their meaning",
        ),
        Peer(
            "panther-core",
            (str(TOOLS / "panther/bin/python"), str(ANSWERS / "with_panther.py"), str(folder)),
            _lines("with_panther.py"),
            "any rule, in Python, with unit tests; hundreds of rules for other logs",
            "counting is Panther's service: the window here is the user's own code, and late "
            "events escape it",
        ),
    ]


def _lines(name: str) -> int:
    """The lines that the user writes, without empty lines and comments."""
    lines = (ANSWERS / name).read_text().splitlines()
    return sum(bool(line.strip()) and not line.lstrip().startswith(("#", "--")) for line in lines)


def measured(peer: Peer) -> Measured:
    """Run it once."""
    environ = {name: value for name, value in os.environ.items() if "REGISTRYWATCH" not in name}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURE, *peer.command],
        capture_output=True,
        env=environ,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    answer = {_answer(line) for line in done.stdout.splitlines()} - {""}
    cpu, most = done.stderr.split()[-2:]
    return Measured(seconds, float(cpu), int(most) / 1024, answer)


def _answer(line: str) -> str:
    """A line of a peer, or an alert in the same form. A policy that admits anyone is "opened"."""
    if not line.startswith("{"):
        return line
    alert = json.loads(line)
    if alert["rule"] == "ecr-excessive-image-pull":
        return f"pulled {alert['actor']['id']}"
    return f"opened {alert['repository']}" if alert["severity"] == "critical" else ""


def part(rows: list[tuple[Peer, Measured]], size: int) -> str:
    """The part of docs/performance.md."""
    day = datetime.now(UTC).date()
    table = "\n".join(
        f"| {peer.name} | {run.cpu:.1f} s | {run.seconds:.1f} s | {run.megabytes:,.0f} MB | "
        f"{peer.lines} | {_exact(run.answer)} | {peer.more} | {peer.less} |"
        for peer, run in rows
    )
    return f"""\
Written by `make bench BENCH=peers` on {day}, {os.process_cpu_count()} cores of a shared machine,
Python {platform.python_version()}. Each tool runs in an environment of its own, jq is
Debian's. The middle one of {ROUNDS} runs, by CPU.

**The question.** Who pulled more than 100 images in ten minutes, and which policies were opened to
anyone?

**The logs.** A folder of {RECORDS:,} CloudTrail records in gzip ({size / 1e6:,.0f} MB), 3 % of them
ECR's, as a bucket holds them. In it: 120 images pulled within eight minutes by one role, over the
border of two blocks of ten minutes and in two files, the later part in the earlier file; a policy
for anyone; a role that pulled 60 images and whose log files were delivered twice; and a role that
pulled 60 images and 60 others twenty minutes later, whose records arrive the later ones first.

| | CPU | wall | memory | lines of yours | exact here | what it does well | what to know |
|---|---|---|---|---|---|---|---|
{table}

*CPU* is that of all its processes, *wall* what passed meanwhile on a machine that others used too.
*Lines of yours* are the query or program in `tools/bench/peer_answers/`, without comments. *Memory*
is that of the largest process. *Exact here* compares the answer with what was planted.

Where the others are better: each of them answers any question, and `registrywatch` only those of
its catalogue. For one question about one folder, DuckDB is the better tool; for rules on other
services, Panther's. What they leave to you is what `registrywatch` is for: windows that slide,
deliveries that repeat and come late, policies by their meaning, and the same answer in your account
within seconds.
"""


def _exact(answer: set[str]) -> str:
    if answer == TRUE:
        return "yes"
    missed, added = TRUE - answer, answer - TRUE
    parts = [f"misses {len(missed)}" if missed else "", f"{len(added)} too many" if added else ""]
    return "no: " + ", ".join(filter(None, parts))
