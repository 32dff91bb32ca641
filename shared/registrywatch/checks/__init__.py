"""What both clouds' self-checks share: what an item is, and when one is reported."""

from registrywatch.checks.item import Item, looked, right, unknown, wrong
from registrywatch.checks.transitions import Transitions

__all__ = ["Item", "Transitions", "looked", "right", "unknown", "wrong"]
