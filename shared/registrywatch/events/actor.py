"""Who acted, and in which cloud."""

from typing import Literal

import msgspec

Cloud = Literal["aws", "azure"]


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who acted, according to the source.

    `id` is stable; groups and ignore lists compare it. It is the role behind a session, never the
    session; the account id for a foreign caller without a name; None if there is no name. `name` is
    for people and may hold text that the caller chose.
    """

    id: str | None = None
    name: str | None = None
    type: str | None = None
    ip: str | None = None
    user_agent: str | None = None
