"""`registrywatch replay`: each figure and its floor, measured in one run.

(a) EventBridge lines: CPU time of one process, compared with only decoding seven typed fields.
(b) A folder of trail files as in a bucket: wall time of two processes, compared with one process
    that only unpacks (zlib) and decodes the seven fields.
(c) The same folder: wall time of one process, compared with two.
(d) Memory over a gigabyte of events on standard input.
"""

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.builders import trail_folder
from tests.builders.traffic import mixed

EVENTS = 100_000
RECORDS = 240_000
ROUNDS = 5
GIGABYTE_EVENTS = 480_000
_CODE = """
import sys, time
from registrywatch.cli import main, replay
start, cpu = time.perf_counter(), time.process_time()
status = main(["replay", "--json", *sys.argv[1:]])
print(time.perf_counter() - start, time.process_time() - cpu, file=sys.stderr)
sys.exit(status)
"""


# The floor: the seven fields without which no pull can be counted, decoded and thrown away.


class _Issuer(msgspec.Struct):
    arn: str | None = None


class _Session(msgspec.Struct):
    sessionIssuer: _Issuer | None = None


class _Caller(msgspec.Struct):
    arn: str | None = None
    sessionContext: _Session | None = None


class _Image(msgspec.Struct):
    imageDigest: str | None = None
    imageTag: str | None = None


class _Request(msgspec.Struct):
    repositoryName: str | None = None
    imageIds: list[_Image] | None = None


class _Detail(msgspec.Struct):
    eventSource: str
    eventName: str
    eventTime: str
    eventID: str
    awsRegion: str
    userIdentity: _Caller
    requestParameters: _Request | None = None


class _Event(msgspec.Struct):
    detail: _Detail


class _Trail(msgspec.Struct):
    Records: list[_Detail]


def main() -> None:
    """Print every figure, and the ratios of alternating rounds in this run."""
    load = os.getloadavg()[0]
    print(
        f"{os.process_cpu_count()} cores, load {load:.1f}: wall times mean little on a busy machine"
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "day.jsonl"
        with path.open("wb") as file:
            for event in mixed(EVENTS):
                file.write(msgspec.json.encode(event) + b"\n")
        size = path.stat().st_size
        print(f"(a) {EVENTS:,} EventBridge events, {size / EVENTS:,.0f} bytes each, CPU")
        floor, measured, ratios = _rounds(lambda: _lines(path), lambda: _replay(path, "1")[1])
        print(f"floor   {EVENTS / floor:>10,.0f} events/s (msgspec, seven typed fields a line)")
        print(f"replay  {EVENTS / measured:>10,.0f} events/s, one process")
        print(f"ratio   {ratios}")

        folder = Path(scratch) / "trail"
        size = trail_folder.write(folder, RECORDS)
        files = [*folder.rglob("*.gz")]
        print(f"(b) {RECORDS:,} records, 3 % ECR's, {len(files)} files, {size / 1e6:,.0f} MB, wall")
        floor, measured, ratios = _rounds(lambda: _trail(files), lambda: _replay(folder, "2")[0])
        print(f"floor   {RECORDS / floor:>10,.0f} records/s (zlib and seven fields, one process)")
        print(f"replay  {RECORDS / measured:>10,.0f} records/s, two processes")
        print(f"ratio   {ratios}")
        one, two, ratios = _rounds(lambda: _replay(folder, "1")[0], lambda: _replay(folder, "2")[0])
        print(f"(c) one process {one:.2f} s, two {two:.2f} s")
        print(f"ratio   {ratios}")
    size, most = _memory()
    print(f"(d) {most:,.0f} MB at most, over {size / 1e9:.2f} GB of events on standard input")


def _rounds(floor: Callable[[], float], measured: Callable[[], float]) -> tuple[float, float, str]:
    """The medians of both, and the ratio with its range; the rounds alternate."""
    rounds = [(floor(), measured()) for _ in range(ROUNDS)]
    one, other = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratios = sorted(one / other for one, other in rounds)
    text = f"{statistics.median(ratios):.2f} (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})"
    return one, other, text


def _lines(path: Path) -> float:
    decode = msgspec.json.Decoder(_Event).decode
    start = time.process_time()
    with path.open("rb") as file:
        for line in file:
            decode(line)
    return time.process_time() - start


def _trail(files: list[Path]) -> float:
    decode = msgspec.json.Decoder(_Trail).decode
    start = time.perf_counter()
    for file in files:
        decode(gzip.decompress(file.read_bytes()))
    return time.perf_counter() - start


def _replay(path: Path, processes: str) -> tuple[float, float]:
    """Wall and CPU seconds in a new process, as a user runs it, without the start."""
    environ = {name: value for name, value in os.environ.items() if "REGISTRYWATCH" not in name}
    done = subprocess.run(
        [sys.executable, "-c", _CODE, "--processes", processes, path],
        check=True,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wall, cpu = done.stderr.split()
    return float(wall), float(cpu)


def _memory() -> tuple[int, float]:
    """The bytes replayed from a pipe, and the peak of resident memory in MB."""
    code = _CODE + "\n"
    code = code.replace(
        "print(time.perf_counter() - start, time.process_time() - cpu",
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss",
    )
    command = [sys.executable, "-c", code, "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as replay:
        assert replay.stdin and replay.stderr
        size = 0
        for event in mixed(GIGABYTE_EVENTS):
            size += replay.stdin.write(msgspec.json.encode(event) + b"\n")
        replay.stdin.close()
        return size, int(replay.stderr.read()) / 1024
