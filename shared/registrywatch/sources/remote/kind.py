"""What a kind of remote address is, and what is asked of it."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from registrywatch.globs import Globs
from registrywatch.sources.inputs import Found


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for, so that the rest need not be read. Times in seconds since the epoch.

    `keep`: a folder in which a copy of each object is kept, and read the next time.
    """

    since: float | None = None
    until: float | None = None
    accounts: Globs = Globs()
    keep: Path | None = None

    def none_found(self, what: str) -> str:
        """The problem where an address holds nothing that is asked for: "there is no blob …"."""
        filters = [
            "in the time" if self.since is not None or self.until is not None else "",
            "of the accounts" if self.accounts else "",
        ]
        said = " and ".join(filter(None, filters))
        return f"there is no {what} {said} asked for" if said else f"there is no {what} to read"


class Kind(msgspec.Struct, frozen=True):
    """A kind of address: `scheme://…`.

    `find` lists what the address holds; it raises UnreadableInput for an address of wrong form, and
    reports what can't be listed as problems. `plan` says what it would ask an engine, line by line.
    """

    scheme: str
    form: str
    find: Callable[[str, Wanted], Found]
    plan: Callable[[str, Wanted], list[str]] | None = None
