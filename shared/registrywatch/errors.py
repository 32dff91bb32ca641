"""The errors that registrywatch raises on purpose.

RegistrywatchError
├── SettingsError    a setting that can't be used: names the variable, its value, what is right
├── UnreadableInput  bytes or values that can't be decoded: names what, and what was expected
├── StoreError       a store or a queue did not answer: retry the batch
│   └── NotAllowed   a cloud refused the call: a right is missing; a StateUnknown as well
├── SecretError      a secret can't be looked up: names where it is kept, never what it is
└── StateUnknown     a cloud did not tell how things stand: never to be taken for any state
"""


class RegistrywatchError(Exception):
    """Anything that registrywatch itself reports."""


class SettingsError(RegistrywatchError):
    """One or several settings can't be used; `problems` holds a sentence for each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnreadableInput(RegistrywatchError):
    """An input or a record of it that can't be decoded; the message says what and why."""


class StoreError(RegistrywatchError):
    """A store or queue failed; nothing was remembered, the same events may be handed in again."""


class StateUnknown(RegistrywatchError):
    """A cloud was asked how things stand and gave no usable answer; the message says why."""


class NotAllowed(StoreError, StateUnknown):
    """A cloud refused a call: the identity lacks the right to it."""


class SecretError(RegistrywatchError):
    """A secret can't be looked up; the message names the reference, never the value."""
