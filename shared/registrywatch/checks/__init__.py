"""What both clouds' self-checks share: what an item is, and when one is reported."""

from registrywatch.checks.item import Item, looked, right, unknown, wrong

__all__ = ["Item", "looked", "right", "unknown", "wrong"]
