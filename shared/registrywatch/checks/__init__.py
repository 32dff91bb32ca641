"""What the self-checks of both clouds share: items, and when a change of one is reported."""

from registrywatch.checks.item import Item, checked, right, unknown, wrong

__all__ = ["Item", "checked", "right", "unknown", "wrong"]
