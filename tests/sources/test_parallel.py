"""Inputs read by several processes give what one process gives, in the same order."""

import contextlib
import gzip
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from registrywatch.sources import Reading, parallel, pool
from registrywatch.sources.inputs import Input, LocalFile, StandardInput
from registrywatch.sources.many import Part, parts
from registrywatch.sources.parallel import parts_by
from tests.builders.cloudtrail import eventbridge, log_file, pull, set_policy
from tests.builders.streams import lines

# The threads are those of the tests' own workers: a run that has any of its own does not fork.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(autouse=True, params=[0, 4_000, 1 << 20], ids=["alone", "some", "all"])
def always_worth_it(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every input a job of its own, several in a job, all in one."""
    monkeypatch.setattr(parallel, "WORTH_IT", 0)
    monkeypatch.setattr(pool, "_TOGETHER", request.param)


@pytest.fixture
def files(tmp_path: Path) -> list[Input]:
    """Files of every length, some of them broken, one missing."""
    found: list[Input] = []
    for number in range(12):
        path = tmp_path / f"{number:02}.json.gz"
        pulls = [pull(f"{number}-{at}", at=1_785_574_800.0 + at) for at in range(number * 7)]
        data = lines(log_file(*pulls)) + lines(*map(eventbridge, pulls))
        data += b"oops\n" if number % 3 == 0 else b'{"unknown": 1}\n'
        path.write_bytes(gzip.compress(data)[: -9 if number == 5 else None])
        found.append(LocalFile(path))
    found.insert(4, LocalFile(tmp_path / "missing"))
    return found


class Seen(msgspec.Struct):
    """All that was read of one input."""

    reading: Reading = msgspec.field(default_factory=Reading)
    batches: int = 0
    failures: list[str] = []


def seen(found: Iterator[Part], number: int) -> list[Seen]:
    each = [Seen() for _ in range(number)]
    last = 0
    for part in found:
        assert part.place >= last
        last = part.place
        here = each[part.place]
        here.reading.extend(part.piece.reading)
        here.batches += part.piece.ends_batch
        here.failures += [part.failure] if part.failure else []
    return each


@pytest.mark.parametrize("processes", [2, 4])
def test_whatever_the_number_of_processes_the_parts_are_the_same(
    processes: int, files: list[Input]
) -> None:
    by_one = seen(parts(files), len(files))
    by_many = seen(parts_by(processes, files), len(files))
    assert by_many == by_one
    assert by_one[4].failures == ["No such file or directory"]
    assert sum(len(each.reading.events) for each in by_one) > 900


def test_what_is_read_ahead_is_bounded(files: list[Input], monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room at all, only the input whose turn it is is taken; and nothing blocks."""
    monkeypatch.setattr(pool, "_HELD", 0)
    assert seen(parts_by(3, files), len(files)) == seen(parts(files), len(files))


class Wordy(msgspec.Struct, frozen=True):
    """A small input with a long policy, and with a name as long as a path can be."""

    name: str
    size: int = 1

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        return io.BytesIO(_LONG_POLICY)


_LONG_POLICY = lines(eventbridge(set_policy("a long policy " * 5_000)))


def test_long_names_of_many_small_files_block_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process sends more than its pipe takes while jobs are queued for it: both must go on."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # other tests may have left some
    inputs: list[Input] = [Wordy(f"{number:04}" + "/name" * 800) for number in range(400)]
    found = seen(parts_by(2, inputs), len(inputs))
    assert [len(each.reading.events) for each in found] == [1] * len(inputs)


class Deadly(msgspec.Struct, frozen=True):
    """An input that kills the process that opens it."""

    name: str = "deadly"
    size: int = 1

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        os.kill(os.getpid(), signal.SIGKILL)
        return io.BytesIO()


@pytest.mark.parametrize("held", [0, 1 << 20])
def test_a_process_that_dies_is_a_failure_of_its_input_alone(
    held: int, files: list[Input], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_HELD", held)
    inputs = [*files[:3], Deadly(), *files[3:7], Deadly(), *files[7:]]
    found = seen(parts_by(2, inputs), len(inputs))
    for place in (8, 3):
        assert found.pop(place).failures == [
            "the process that read it ended by signal SIGKILL; what it had sent is counted"
        ]
    assert found == seen(parts(files), len(files))


def test_who_stops_early_leaves_no_process_behind(
    files: list[Input], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    fork = os.fork

    def noted() -> int:
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", noted)
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # other tests may have left some
    found = parts_by(2, files)
    next(found)
    found.close()  # type: ignore[attr-defined] # a generator
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert len(started) == 2


def test_where_processes_are_spawned_the_parts_are_the_same(
    files: list[Input], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it was forked"))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert seen(parts_by(2, files), len(files)) == seen(parts(files), len(files))


def test_standard_input_among_files_is_read(
    files: list[Input], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs: list[Input] = [*files[:3], StandardInput(), *files[3:]]
    piped = lines(eventbridge(pull("piped")))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    found = seen(parts_by(2, inputs), len(inputs))
    assert len(found.pop(3).reading.events) == 1
    assert found == seen(parts(files), len(files))


def test_little_input_is_read_without_processes(
    files: list[Input], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "WORTH_IT", 1 << 30)
    monkeypatch.setattr(pool, "Pool", lambda *_: pytest.fail("processes were started"))
    assert len([*parts_by(8, files)]) > 0
