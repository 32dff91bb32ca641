"""What the commands that send something through a deployment need of it, in either cloud."""

import math
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery import Destination, Message
from registrywatch.delivery.ledger import Ledger
from registrywatch.delivery.message import encode_message
from registrywatch.delivery.redelivery import letters_in
from registrywatch.rules import AnyRule
from registrywatch.settings import Settings

WHO = "registrywatch check --send-test"
"""The actor of a marked event."""


class Texts(Protocol):
    """A queue. Everything raises StoreError."""

    longest: int

    def send(self, text: str) -> None: ...


class Deployment(msgspec.Struct, frozen=True):
    """A deployment. `settings` are its detecting functions'.

    `marked` gives a document that says, of a part that no deployment has, that it was removed;
    `rule` raises the alert. `give` hands the document to the deployed functions, from as far
    outside as is possible, and says how; it raises StoreError. `patience` is how long delivery may
    take, in seconds, `logs` where to look if it takes longer.
    """

    settings: Settings
    ledger: Ledger
    queue: Texts
    dead_letters: Any
    rule: AnyRule
    marked: Callable[[float], bytes]
    give: Callable[[bytes], None]
    patience: float
    logs: str

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Those that the deployed functions deliver to."""
        return self.settings.destinations

    def send(self, message: Message | Alert) -> None:
        """Put a message on the alert queue. Raises StoreError."""
        self.queue.send(encode_message(message, self.queue.longest))

    def dead_letter_reason(self, alert: str, destination: str) -> str | None:
        """Why the alert of that id is in the dead-letter queue; None if it is not.

        Raises StoreError.
        """
        found = [
            getattr(letter.message, "reason", None) or "no reason is given"
            for letter in letters_in(self.dead_letters, math.inf)
            if letter.alert and letter.alert.id == alert and letter.destination == destination
        ]
        return found[0] if found else None
