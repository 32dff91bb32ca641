"""What a setting is: an environment variable, declared as a value."""

from collections.abc import Callable
from typing import Literal

import msgspec

PREFIX = "REGISTRYWATCH_"

Part = Literal["rules", "general", "destinations", "deployment"]


class Variable[T](msgspec.Struct, frozen=True, kw_only=True):
    """A setting: an environment variable, whose value is a T.

    `default` is the default value as text; None if the setting is optional, and then T includes
    None: declare those with `optional`. `same_as` names the variable, earlier in the table, whose
    value is the default. `also` is a second accepted spelling. A secret's value is never shown.
    """

    name: str
    part: Part
    meaning: str
    read: Callable[[str], T]
    default: str | None = None
    same_as: str | None = None
    secret: bool = False
    also: str | None = None


AnyVariable = Variable[object]


def setting[T](
    name: str,
    part: Part,
    meaning: str,
    read: Callable[[str], T],
    default: str | None = None,
    *,
    same_as: str | None = None,
    also: str | None = None,
) -> Variable[T]:
    """A setting that always has a value. Give its `default` as text, or `same_as`."""
    if (default is None) == (same_as is None):
        raise TypeError(f"{name}: give either a default or same_as")
    return Variable(
        name=name,
        part=part,
        meaning=meaning,
        read=read,
        default=default,
        same_as=same_as,
        also=also,
    )


def optional[T](
    name: str,
    part: Part,
    meaning: str,
    read: Callable[[str], T],
    *,
    secret: bool = False,
    also: str | None = None,
) -> Variable[T | None]:
    """A setting that may be absent; its value is then None."""
    return Variable(name=name, part=part, meaning=meaning, read=read, secret=secret, also=also)
