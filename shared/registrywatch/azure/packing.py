"""Sightings and quiet intervals as bytes, for a store whose values are bytes of at most 64 KiB."""

import struct
from collections.abc import Collection

from registrywatch.windows.meaning import Quiet


def packed(sightings: Collection[int]) -> bytes:
    """Eight bytes each."""
    return struct.pack(f">{len(sightings)}Q", *sightings)


def unpacked(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 8}Q", data)


def packed_quiet(quiet: Quiet) -> bytes:
    """The intervals' ends as differences, 7 bits in a byte, lowest first, the last byte below 128.

    A property holds 64 KiB, which is enough for more than 10,000 separate bursts.
    """
    data, before = bytearray(), 0
    for end in (end for interval in quiet.intervals for end in interval):
        rest, before = end - before, end
        while rest > 127:
            data.append(rest & 127 | 128)
            rest >>= 7
        data.append(rest)
    return bytes(data)


def unpacked_quiet(data: bytes) -> Quiet:
    ends, before, rest, shift = [], 0, 0, 0
    for byte in data:
        rest |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            before += rest
            ends.append(before)
            rest = shift = 0
    return Quiet(tuple(zip(ends[::2], ends[1::2], strict=True)))
