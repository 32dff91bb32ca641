"""Inputs read ahead by several processes; their parts come in order, cut where one would cut them.

Each process unpacks and decodes one input after the other, and sends a message a batch: the events
in it and what could not be read.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from registrywatch.sources.inputs import Input
from registrywatch.sources.many import Part, parts

WORTH_IT = 4 << 20  # bytes of input, as they are stored, above which processes save time
_KEPT = 4 << 20  # bytes


def parts_by(
    processes: int, inputs: Sequence[Input], sizes: Sequence[int] | None = None
) -> Iterator[Part]:
    """Read the inputs in so many processes, or in this one if that is faster.

    `sizes` are theirs, if they are known already. Raises nothing: if a process dies, that is a
    failure of its input.
    """
    _keep_memory()
    processes = min(processes, len(inputs))
    if processes > 1:
        sizes = sizes or [each.size for each in inputs]
        remote = any(hasattr(each, "ahead") for each in inputs)
        if remote or sum(sizes) >= WORTH_IT:
            from registrywatch.sources.pool import Pool  # most runs need none

            return Pool(processes, inputs, sizes, remote).parts()
    return parts(inputs)


def available() -> int:
    """How many processes this machine can run at once."""
    return min(os.process_cpu_count() or 1, 16)


def _keep_memory() -> None:
    """Keep some memory that is free, instead of getting it from the system for each file anew.

    glibc does so once a block of this size was freed, and a forked process too; other libraries
    take no notice. To read nothing into such a block takes 0.1 ms; to fill one would take two.
    """
    with Path(os.devnull).open("rb", buffering=0) as nothing:
        nothing.read(_KEPT)
