"""A pool of processes that read inputs ahead; small inputs that follow each other are one job.

What is read ahead is held, up to a limit; past it a process waits until its input's turn. So memory
is bounded, whatever the inputs' sizes.
"""

from collections import deque
from collections.abc import Iterator, Sequence

from registrywatch.sources.files import Piece
from registrywatch.sources.gunzip import library
from registrywatch.sources.inputs import Input, StandardInput
from registrywatch.sources.many import Part, parts_of
from registrywatch.sources.messages import unpacked
from registrywatch.sources.process import received_from
from registrywatch.sources.worker import AHEAD, LAST, Worker

_HELD = 32 << 20  # bytes of messages read ahead
_TOGETHER = 1 << 16  # bytes, as they are stored, that a job of several inputs has at most
_MOST = 32  # inputs of a job
_QUEUED = 12  # local jobs that a process has at once, as long as there are many
_OVERHEAD = 200  # bytes that the smallest message is held with


class _Job:
    """Inputs that one process reads, by their places, and what it has sent of them so far.

    There may be one for each file of a bucket. It takes 240 bytes; with a deque it took 950.
    """

    __slots__ = ("again", "ended", "failure", "messages", "places")

    def __init__(self, places: range) -> None:
        self.places = places
        self.messages: list[bytes] = []
        self.ended = False
        self.failure: str | None = None
        self.again: list[_Job] = []  # what is to be read instead, one by one


class Pool:
    """So many processes, for these inputs of these sizes."""

    def __init__(
        self, processes: int, inputs: Sequence[Input], sizes: Sequence[int], remote: bool
    ) -> None:
        self._inputs = inputs
        self._workers: dict[Worker, deque[_Job]] = {}
        self._stopped: list[Worker] = []
        self._jobs = deque(map(_Job, _runs([0] * len(sizes) if remote else sizes)))
        self._waiting = deque(job for job in self._jobs if not self._is_own(job))
        self._held = 0
        self._remote = remote
        library()  # takes 1 ms here, but 2.5 ms in each process that was forked without it
        for _ in range(processes):
            self._start_worker()

    def parts(self) -> Iterator[Part]:
        """All parts of all inputs, in order."""
        try:
            while self._jobs:
                yield from self._of(self._jobs.popleft())
        finally:
            for worker in [*self._workers]:
                self._stop(worker)
            for worker in self._stopped:
                worker.join()

    def _of(self, job: _Job) -> Iterator[Part]:
        if self._is_own(job):
            self._hand_out()
            yield from parts_of(job.places[0], self._inputs[job.places[0]])
            return
        while True:
            self._hand_out()
            while job.messages:
                message = job.messages.pop(0)
                self._held -= len(message) + _OVERHEAD
                yield from unpacked(memoryview(message)[1:])
            if job.ended:
                break
            self._receive(job)
        if job.failure is not None:
            yield Part(job.places[0], Piece(ends_batch=True), 0, job.failure)
        for each in job.again:
            yield from self._of(each)

    def _is_own(self, job: _Job) -> bool:
        """Whether only this process can read it: another one has no standard input."""
        return isinstance(self._inputs[job.places[0]], StandardInput)

    def _hand_out(self) -> None:
        if not self._waiting:
            return
        share = len(self._waiting) // len(self._workers)
        for depth in range(AHEAD if self._remote else min(share // 2 + 1, _QUEUED)):
            for worker, jobs in self._workers.items():
                if len(jobs) <= depth:
                    self._give(worker)

    def _start_worker(self) -> None:
        """Start a process; it begins while others are started, which takes 2 ms each."""
        worker = Worker(self._inputs)
        self._workers[worker] = deque()
        self._give(worker)

    def _give(self, worker: Worker) -> None:
        """Give a process the next job, if there is one."""
        if self._waiting:
            job = self._waiting.popleft()
            self._workers[worker].append(job)
            worker.send(job.places)

    def _receive(self, job: _Job) -> None:
        """Take what is there; past the limit only from the process that has this job."""
        by_connection = {
            worker.connection: worker
            for worker, jobs in self._workers.items()
            if jobs and (self._held < _HELD or job in jobs)
        }
        for ready in received_from([*by_connection]):
            self._take(by_connection[ready])

    def _take(self, worker: Worker) -> None:
        """Take the message that a process has sent, or note its death."""
        jobs = self._workers[worker]
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            del self._workers[worker]
            self._replace(jobs, worker.death())
            return
        jobs[0].messages.append(message)
        self._held += len(message) + _OVERHEAD
        if message.startswith(LAST):
            jobs.popleft().ended = True
            if not jobs and not self._waiting:
                self._stop(worker)

    def _stop(self, worker: Worker) -> None:
        """Have a process end; that takes it 2 ms, in which the last parts may be counted."""
        del self._workers[
            worker
        ]  # first of all: an interrupt may come, and it is stopped only once
        worker.stop()
        self._stopped.append(worker)

    def _replace(self, jobs: deque[_Job], death: str) -> None:
        """Start another process for one that died, and give back the jobs that it was given.

        Of a job of several inputs it is not known which one killed it; none was read.
        """
        job = jobs.popleft()
        job.ended = True
        if len(job.places) > 1:
            job.again = [_Job(range(place, place + 1)) for place in job.places]
        else:
            job.failure = death
        # Sorted, the new process gets the first: past the limit nothing else would go on
        again = [*job.again, *jobs, *self._waiting]
        self._waiting = deque(sorted(again, key=lambda each: each.places[0]))
        self._start_worker()


def _runs(sizes: Sequence[int]) -> Iterator[range]:
    """The places of inputs, those of small ones together as far as they follow each other."""
    start, stored = 0, 0
    for place, size in enumerate(sizes):
        if place > start and (not size or stored + size > _TOGETHER or place - start == _MOST):
            yield range(start, place)
            start, stored = place, 0
        stored += size or _TOGETHER  # it is not known
    if sizes:
        yield range(start, len(sizes))
