"""A queue as in both clouds: messages that are invisible while handled, and dead letters."""

import heapq
import itertools
from collections.abc import Callable

from tools.chaos.world import World

_numbers = itertools.count(1)


class Held:
    """A message in a queue. `receipt` is its last receipt; it is visible from `shows` on."""

    def __init__(self, body: str, sent: float, shows: float, reason: str | None) -> None:
        self.id = f"m{next(_numbers)}"
        self.body = body
        self.sent = sent
        self.shows = shows
        self.reason = reason
        self.receives = 0
        self.receipt = 0


class Messages:
    """A queue. A message received more than `most` times moves to `dead`."""

    def __init__(
        self,
        world: World,
        name: str,
        hidden: float = 30.0,
        dead: "Messages | None" = None,
        most: int = 0,
    ) -> None:
        self.name = name
        self.held: dict[str, Held] = {}
        self.woken: Callable[[float], None] = lambda _: None
        self._world = world
        self._hidden = hidden
        self._dead = dead
        self._most = most
        self._order: list[tuple[float, int, str]] = []

    def send(self, body: str, delay: float = 0.0, reason: str | None = None) -> None:
        """Send a text that becomes visible after a delay in seconds."""
        now = self._world.now
        message = Held(body, now, now + delay, reason)
        self.held[message.id] = message
        self._shows(message, message.shows)

    def receive(self, most: int, hidden: float | None = None) -> list[Held]:
        """Visible messages, in about the order of time; each becomes invisible for a while."""
        found: list[Held] = []
        now = self._world.now
        while self._order and self._order[0][0] <= now and len(found) < most:
            shows, _, name = heapq.heappop(self._order)
            message = self.held.get(name)
            if message is None or message.shows != shows:
                continue
            if self._dead is not None and message.receives >= self._most:
                del self.held[name]
                self._dead.send(message.body, reason="received too often")
                continue
            message.receives += 1
            message.receipt = next(_numbers)
            self._shows(message, now + (self._hidden if hidden is None else hidden))
            found.append(message)
        self._world.random.shuffle(found)
        return found

    def delete(self, name: str) -> None:
        self.held.pop(name, None)

    def hide(self, name: str, seconds: float) -> bool:
        """Make a received message visible after a delay; False if it is not in the queue."""
        message = self.held.get(name)
        if message is not None:
            self._shows(message, self._world.now + seconds)
        return message is not None

    @property
    def next_shows(self) -> float | None:
        """The time when the next message becomes visible."""
        while self._order:
            shows, _, name = self._order[0]
            message = self.held.get(name)
            if message is not None and message.shows == shows:
                return shows
            heapq.heappop(self._order)
        return None

    def _shows(self, message: Held, when: float) -> None:
        message.shows = when
        heapq.heappush(self._order, (when, next(_numbers), message.id))
        self.woken(when)


class Poller:
    """The platform's poller of a queue: gives batches of visible messages to the function.

    `gathers` is how long it waits for a batch to fill, in seconds.
    """

    def __init__(
        self,
        world: World,
        queue: Messages,
        most: int,
        gathers: float,
        handle: Callable[[list[Held]], None],
    ) -> None:
        self._world = world
        self._queue = queue
        self._most = most
        self._gathers = gathers
        self._handle = handle
        self._due: float | None = None
        queue.woken = self._wake

    def _wake(self, when: float) -> None:
        due = max(when, self._world.now) + self._gathers
        if self._due is None or due < self._due:
            self._due = due
            self._world.at(due, lambda: self._poll(due))

    def _poll(self, due: float) -> None:
        if due != self._due:
            return  # an earlier poll replaced this one
        self._due = None
        messages = self._queue.receive(self._world.random.randint(1, self._most))
        following = self._queue.next_shows
        if following is not None:
            self._wake(following)
        if messages:
            self._handle(messages)
