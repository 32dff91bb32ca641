"""The check as it runs by the clock: look, report what changed, and say that it ran."""

from collections.abc import Callable, Iterable
from functools import partial

from registrywatch.checks.arrivals import KIND
from registrywatch.checks.item import Item, with_rights
from registrywatch.checks.transitions import Transitions
from registrywatch.delivery.destinations.kind import Request
from registrywatch.delivery.post import post


class SelfCheck:
    """`look` gives the items. `heartbeat`, if there is one, gets a POST after each good check.

    `arrivals` gives the items on registries and reports their changes; it is given
    whether the deployment gets no event at all.
    """

    def __init__(
        self,
        look: Callable[[], Iterable[Item]],
        transitions: Transitions,
        arrivals: Callable[[bool], Iterable[Item]],
        heartbeat: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._look = look
        self._transitions = transitions
        self._arrivals = arrivals
        self._beat = partial(_post, heartbeat, clock) if heartbeat else None

    def run(self) -> tuple[tuple[Item, ...], str | None]:
        """The items, and why the heartbeat could not be sent. Raises StoreError.

        An item that is wrong, or could not be looked at, keeps the heartbeat back; a minor one does
        not.
        """
        items = tuple(self._look())
        self._transitions.note(with_rights(items))
        items += tuple(self._arrivals(any(each.name == KIND and not each.ok for each in items)))
        if self._beat is None or not good(items):
            return items, None
        return items, self._beat()


def good(items: Iterable[Item]) -> bool:
    """Whether nothing is lost: every item is right, or wrong in a minor way."""
    return all(item.ok or (item.standing == "wrong" and item.minor) for item in items)


def _post(url: str, clock: Callable[[], float]) -> str | None:
    answer = post(Request(url=url, body=b"", headers={}), clock())
    return None if answer.verdict == "delivered" else answer.reason
