"""The errors that registrywatch raises on purpose.

RegistrywatchError
├── SettingsError    a setting that can't be used: names the variable, its value, what is right
├── UnreadableInput  bytes or values that can't be decoded: names what, and what was expected
├── StoreError       a store or a queue did not answer: retry the batch
│   └── NotAllowed   a cloud refused the call: a right is missing; a StateUnknown as well
├── SecretError      a secret can't be read: names the reference, never the secret
└── StateUnknown     a cloud gave no usable answer about a state: it must not be taken for any state
"""


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
    """A store or queue failed; the same events may be handled again."""


class StateUnknown(RegistrywatchError):
    """A cloud gave no usable answer about a state; the message says why."""


class NotAllowed(StoreError, StateUnknown):
    """A cloud refused a call: the identity lacks the right."""


class SecretError(RegistrywatchError):
    """A secret can't be read; the message names the reference, never the value."""
