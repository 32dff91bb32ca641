"""Delivery: from the alert queue to a person. See docs/delivery.md.

Each name is loaded at its first use: the settings need `Destination`, but not TLS and threads.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registrywatch.delivery.courier import Courier
    from registrywatch.delivery.credentials import SecretStore
    from registrywatch.delivery.destinations import Destination, SecretRef
    from registrywatch.delivery.message import (
        Message,
        Outcome,
        encode_message,
        messages_for,
        read_message,
    )
    from registrywatch.delivery.queue import AlertQueue, AlertSender

__all__ = [
    "AlertQueue",
    "AlertSender",
    "Courier",
    "Destination",
    "Message",
    "Outcome",
    "SecretRef",
    "SecretStore",
    "encode_message",
    "messages_for",
    "read_message",
]

_MODULES = {
    "courier": ("Courier",),
    "credentials": ("SecretStore",),
    "destinations": ("Destination", "SecretRef"),
    "message": ("Message", "Outcome", "encode_message", "messages_for", "read_message"),
    "queue": ("AlertQueue", "AlertSender"),
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
