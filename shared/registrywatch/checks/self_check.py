"""The scheduled self-check: check all parts, report what changed, send the heartbeat."""

from collections.abc import Callable, Iterable
from functools import partial

from registrywatch.checks.arrivals import KIND
from registrywatch.checks.item import Item, with_rights
from registrywatch.checks.transitions import Transitions
from registrywatch.delivery.credentials import SecretStore
from registrywatch.delivery.destinations.kind import Request, SecretRef
from registrywatch.delivery.post import post
from registrywatch.errors import SecretError


class SelfCheck:
    """Runs the check. `heartbeat`, if there is one, is an address that gets a POST if all is good.

    Who knows the address can keep a monitor quiet, so it may be a secret, given by its place.

    `check` returns the items of the deployment. `arrivals` returns the items on registries and
    reports their changes; its argument says whether the deployment gets no event at all.
    """

    def __init__(
        self,
        check: Callable[[], Iterable[Item]],
        transitions: Transitions,
        arrivals: Callable[[bool], Iterable[Item]],
        heartbeat: str | None,
        clock: Callable[[], float],
        secrets: SecretStore | None = None,
    ) -> None:
        self._check = check
        self._transitions = transitions
        self._arrivals = arrivals
        kept = SecretRef(heartbeat) if heartbeat else None
        self._beat = partial(_post, kept, secrets or SecretStore(), clock) if kept else None

    def run(self) -> tuple[tuple[Item, ...], str | None]:
        """The items, and why the heartbeat could not be sent. Raises StoreError.

        With an item that is wrong or could not be read, no heartbeat is sent; a minor one does not
        stop it.
        """
        items = tuple(self._check())
        self._transitions.note(with_rights(items))
        items += tuple(self._arrivals(any(each.name == KIND and not each.ok for each in items)))
        if self._beat is None or not good(items):
            return items, None
        return items, self._beat()


def good(items: Iterable[Item]) -> bool:
    """Whether nothing is lost: every item is right, or wrong in a minor way."""
    return all(item.ok or (item.standing == "wrong" and item.minor) for item in items)


def _post(kept: SecretRef, secrets: SecretStore, clock: Callable[[], float]) -> str | None:
    try:
        url = secrets.value(kept)
    except SecretError as error:
        return str(error)
    answer = post(Request(url=url, body=b"", headers={}), clock())
    return None if answer.verdict == "delivered" else answer.reason
