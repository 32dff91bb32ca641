"""What a setting is. Rules, destinations and the settings themselves declare theirs as values."""

from typing import Literal

import msgspec

from registrywatch.readers import Reader

PREFIX = "REGISTRYWATCH_"

Part = Literal["rules", "general", "destinations", "deployment"]


class Variable(msgspec.Struct, frozen=True):
    """A setting: an environment variable.

    `default` is the default value as text; None if the setting is optional. `also` is a second
    spelling that is understood. A secret's value is never shown.
    """

    name: str
    part: Part
    meaning: str
    read: Reader
    default: str | None = None
    secret: bool = False
    also: str | None = None
