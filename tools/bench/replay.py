"""`registrywatch replay`: events a second of CPU beside the bare floor, and memory over 1 GB."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.builders.traffic import mixed

EVENTS = 100_000
ROUNDS = 5
GIGABYTE_EVENTS = 480_000
_CODE = """
import contextlib, io, os, sys, time
from registrywatch.cli import main, replay
start = time.process_time()
status = main(["replay", "--json", sys.argv[1]])
print(time.process_time() - start, file=sys.stderr)
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


def main() -> None:
    """Prints both, and their ratio, of alternating rounds in this one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.jsonl"
        with path.open("wb") as file:
            for event in mixed(EVENTS):
                file.write(msgspec.json.encode(event) + b"\n")
        size = path.stat().st_size
        print(f"{EVENTS:,} EventBridge events, {size / EVENTS:,.0f} bytes each")
        rounds = [(_floor(path), _replay(path)) for _ in range(ROUNDS)]
    floor, replay = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratios = sorted(one / other for one, other in rounds)
    print(f"floor   {EVENTS / floor:>10,.0f} events/s of CPU (msgspec, seven typed fields a line)")
    print(f"replay  {EVENTS / replay:>10,.0f} events/s of CPU")
    print(f"ratio   {statistics.median(ratios):.2f} (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})")
    size, most = _memory()
    print(f"memory  {most:,.0f} MB at most, over {size / 1e9:.2f} GB of events on standard input")


def _floor(path: Path) -> float:
    decode = msgspec.json.Decoder(_Event).decode
    start = time.process_time()
    with path.open("rb") as file:
        for line in file:
            decode(line)
    return time.process_time() - start


def _memory() -> tuple[int, float]:
    """Bytes replayed from a pipe, and the most memory (resident, MB) that it took."""
    code = _CODE.replace("sys.argv[1]", '"-"').replace(
        "time.process_time() - start", "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"
    )
    command = [sys.executable, "-c", f"import resource\n{code}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as replay:
        assert replay.stdin and replay.stderr
        size = 0
        for event in mixed(GIGABYTE_EVENTS):
            size += replay.stdin.write(msgspec.json.encode(event) + b"\n")
        replay.stdin.close()
        return size, int(replay.stderr.read()) / 1024


def _replay(path: Path) -> float:
    """In a process of its own, as a user runs it; without its start."""
    environ = {name: value for name, value in os.environ.items() if "REGISTRYWATCH" not in name}
    done = subprocess.run(
        [sys.executable, "-c", _CODE, path],
        check=True,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return float(done.stderr)
