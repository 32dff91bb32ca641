"""The errors that registrywatch raises on purpose.

RegistrywatchError
├── SettingsError    a setting can't be used: names the variable, its value, what is accepted
├── UnreadableInput  bytes or values can't be decoded: names them, and what was expected
├── StoreError       a store or a queue did not answer: retry the batch
│   ├── NotAllowed   a cloud refused the call: a permission is missing; also a StateUnknown
│   ├── NotFound     what the call names does not exist
│   ├── Conflict     a condition of the call did not hold: it changed, or it exists already
│   └── Undecodable  the content of an answer can't be decoded
├── SecretError      a secret can't be read: names the reference, never the secret
└── StateUnknown     a cloud gave no usable answer about a state: assume no state
"""

from collections.abc import Iterable
from typing import Any


class RegistrywatchError(Exception):
    """The base of all errors that registrywatch itself raises."""


class SettingsError(RegistrywatchError):
    """One or more settings can't be used; `problems` holds a sentence for each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnreadableInput(RegistrywatchError):
    """An input, or a record of it, can't be decoded; the message says what and why."""


class StoreError(RegistrywatchError):
    """A store or queue failed; it is safe to handle the same events again."""


class StateUnknown(RegistrywatchError):
    """A cloud gave no usable answer about a state; the message says why."""


class NotAllowed(StoreError, StateUnknown):
    """A cloud refused a call: the identity lacks the permission."""


class NotFound(StoreError):
    """What a call names does not exist."""


class Conflict(StoreError):
    """A condition of a call did not hold; `item` is the present item, if the call asked for it."""

    def __init__(self, message: str, item: Any = None) -> None:
        super().__init__(message)
        self.item = item


class Undecodable(StoreError):
    """The content of a whole answer can't be decoded."""


class SecretError(RegistrywatchError):
    """A secret can't be read; the message names the reference, never the value."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: "; did you mean X?", or nothing."""
    import difflib  # imported only when needed: it makes starting slower

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def reason_of(error: Exception) -> str:
    """What an error says, of a file's without the number and the path: "Permission denied"."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
