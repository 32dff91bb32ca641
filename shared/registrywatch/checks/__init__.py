"""What the self-checks of both clouds share: items, and when a change of one is reported."""

from registrywatch.checks.item import Item, looked, right, unknown, wrong

__all__ = ["Item", "looked", "right", "unknown", "wrong"]
