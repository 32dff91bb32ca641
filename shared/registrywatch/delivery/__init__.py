"""Delivery: from the alert queue to a person. See docs/delivery.md."""

from registrywatch.delivery.batch import deliver_batch, deliver_one
from registrywatch.delivery.destinations import Destination, Secret
from registrywatch.delivery.message import Message, encode_message, messages_for
from registrywatch.delivery.secret_store import Secrets
from registrywatch.delivery.worker import Outcome, Worker, deliver

__all__ = [
    "Destination",
    "Message",
    "Outcome",
    "Secret",
    "Secrets",
    "Worker",
    "deliver",
    "deliver_batch",
    "deliver_one",
    "encode_message",
    "messages_for",
]
