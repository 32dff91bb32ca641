"""Sets of IP addresses as sorted, disjoint intervals, and whether a stranger can be in them.

IPv4 addresses are their own numbers; IPv6 addresses come after them, so that one list holds both.
"""

import functools
from collections.abc import Iterable

Interval = tuple[int, int]  # first and last, both included
Addresses = tuple[Interval, ...]

# A set with more public addresses than this narrows nothing: anyone can call from one of them.
MOST_ADDRESSES = 2**24

_V6 = 2**40
_SITE = 2**80  # addresses of a /48, which IPv6 assigns to one site as IPv4 does one address

EVERYWHERE: Addresses = ((0, 2**32 - 1), (_V6, _V6 + 2**128 - 1))
NOWHERE: Addresses = ()

_NOT_PUBLIC = (  # RFC 6890
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/3",
)  # fmt: skip


def read(networks: Iterable[str]) -> Addresses | None:
    """The addresses of all `networks` together; None if one of them cannot be read."""
    import ipaddress  # only few policies name addresses

    intervals = []
    for text in networks:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return None
        offset = _V6 if network.version == 6 else 0
        first = int(network.network_address) + offset
        intervals.append((first, first + network.num_addresses - 1))
    return union(intervals)


def union(intervals: Iterable[Interval]) -> Addresses:
    """All addresses in any of the intervals."""
    joined: list[Interval] = []
    for first, last in sorted(intervals):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def outside(addresses: Addresses) -> Addresses:
    """All addresses that are not in the set."""
    gaps = []
    for start, end in EVERYWHERE:
        for first, last in addresses:
            if last < start or first > end:
                continue
            if first > start:
                gaps.append((start, first - 1))
            start = last + 1
        if start <= end:
            gaps.append((start, end))
    return tuple(gaps)


def both(one: Addresses, other: Addresses) -> Addresses:
    """The addresses in both sets."""
    if one == EVERYWHERE or other == NOWHERE:
        return other
    if other == EVERYWHERE or one == NOWHERE:
        return one
    shared = []
    at, beside = 0, 0
    while at < len(one) and beside < len(other):
        first = max(one[at][0], other[beside][0])
        last = min(one[at][1], other[beside][1])
        if first <= last:
            shared.append((first, last))
        if one[at][1] < other[beside][1]:
            at += 1
        else:
            beside += 1
    return tuple(shared)


def hold_anyone(addresses: Addresses, *, private: bool = False) -> bool:
    """Whether the set holds more than 2^24 public IPv4 addresses or IPv6 sites (/48).

    `private`: addresses within a VPC, where every network may use the same private ranges: all of
    them count.
    """
    if addresses == EVERYWHERE:
        return True
    counted = addresses if private else both(addresses, _public())
    number = 0
    for first, last in counted:
        size = last - first + 1
        number += size if first < _V6 else size // _SITE
    return number > MOST_ADDRESSES


@functools.cache
def _public() -> Addresses:
    return outside(read(_NOT_PUBLIC) or NOWHERE)
