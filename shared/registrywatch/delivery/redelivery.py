"""Sends messages of a dead-letter queue again."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, Protocol

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, Unreadable, decode_message, encode_message
from registrywatch.errors import UnreadableInput


class DeadLetter(Protocol):
    """A message as it was received from the dead-letter queue. `sent`: seconds since the epoch.

    `receipt` is what the queue needs to delete it; each receive gives another one.
    """

    id: str
    body: str
    sent: float
    receipt: Any


class DeadLetters[L: DeadLetter](Protocol):
    """A dead-letter queue. Messages that were received are hidden from others for a while."""

    def letters(self, before: float) -> Iterator[list[L]]:
        """Receive the messages that were sent before a time, each once, until none is left."""
        ...

    def remove(self, letters: Sequence[L]) -> None:
        """Delete them from the queue. Raises StoreError."""
        ...

    def release(self, letters: Sequence[L]) -> None:
        """Make them visible to others again at once. Raises StoreError."""
        ...


class TargetQueue(Protocol):
    """The queue to which letters are sent; its messages have at most `longest` characters."""

    longest: int

    def send_all(self, texts: Sequence[str]) -> dict[int, str]:
        """Send several; returns why some could not be sent, by their place."""
        ...


def each_once[L: DeadLetter](
    receive: Callable[[], Sequence[L]], before: float
) -> Iterator[list[L]]:
    """Receive letters until the queue shows none; yield each that was sent before a time once.

    Letters that are not removed appear again after a while, and are hidden again.
    """
    seen: dict[str, L] = {}
    while received := receive():
        new = []
        for letter in received:
            if (known := seen.get(letter.id)) is not None:
                known.receipt = letter.receipt
                continue
            seen[letter.id] = letter
            if letter.sent <= before:
                new.append(letter)
        if new:
            yield new


class Letter(msgspec.Struct, frozen=True):
    """A dead letter, decoded. `problem` says why it can't be delivered, if it is not a message."""

    id: str
    sent: float
    body: str
    message: Message | Alert | None
    problem: str | None = None

    @property
    def alert(self) -> Alert | None:
        """The alert that it carries, if it is a message."""
        return self.message.alert if isinstance(self.message, Message) else self.message

    @property
    def destination(self) -> str | None:
        """Where it was addressed to, if it has an address."""
        return self.message.destination if isinstance(self.message, Message) else None


class Moved(msgspec.Struct, frozen=True):
    """What became of a dead letter.

    It is `sent` again, `dropped`, `passed` over, or it `stays` for a reason.
    """

    letter: Letter
    how: Literal["sent", "dropped", "stays", "passed"]
    reason: str | None = None


Choice = Literal["send", "drop", "pass"]


def redeliver[L: DeadLetter](
    dead: DeadLetters[L],
    queue: TargetQueue,
    now: Callable[[], float],
    moved: Callable[[Moved], None],
    choose: Callable[[Letter], Choice] = lambda _: "send",
) -> None:
    """Send every chosen letter again, as if it were new; `moved` is called for each letter.

    A letter is first put on the alert queue and then deleted: a crash in between leaves a second
    copy, which the ledger recognises. Letters that stay are released at the end, so that the next
    call sees them. Raises StoreError.
    """
    staying: list[L] = []
    try:
        for batch in dead.letters(now()):
            letters = [read_letter(each) for each in batch]
            choices = [choose(letter) for letter in letters]
            again = [
                place
                for place, choice in enumerate(choices)
                if choice == "send" and letters[place].message is not None
            ]
            texts = [afresh(letters[place], now(), queue.longest) for place in again]
            failed = {again[at]: why for at, why in queue.send_all(texts).items()} if texts else {}
            gone = [place for place in again if place not in failed]
            gone += [place for place, choice in enumerate(choices) if choice == "drop"]
            dead.remove([batch[place] for place in sorted(gone)])
            staying += [each for place, each in enumerate(batch) if place not in gone]
            for place, letter in enumerate(letters):
                moved(_outcome(letter, choices[place], failed.get(place)))
    finally:
        dead.release(staying)


def letters_in[L: DeadLetter](dead: DeadLetters[L], before: float) -> Iterator[Letter]:
    """All letters that were sent before a time; none is deleted. Raises StoreError."""
    seen: list[L] = []
    try:
        for batch in dead.letters(before):
            seen += batch
            yield from map(read_letter, batch)
    finally:
        dead.release(seen)


def move[L: DeadLetter](
    dead: DeadLetters[L], queue: TargetQueue, now: Callable[[], float], *, dry_run: bool = False
) -> Iterator[tuple[str, str | None]]:
    """Send every letter unchanged: events and records that detection handles again.

    Yields the body of each, and why it stays in the dead-letter queue (None: it was moved). It is
    first sent and then deleted: a crash in between leaves a second copy, which raises no second
    alert. Raises StoreError.
    """
    staying: list[L] = []
    try:
        for batch in dead.letters(now()):
            failed = {} if dry_run else queue.send_all([letter.body for letter in batch])
            gone = [] if dry_run else [each for at, each in enumerate(batch) if at not in failed]
            if gone:
                dead.remove(gone)
            staying += batch if dry_run else [batch[at] for at in failed]
            for at, letter in enumerate(batch):
                yield letter.body, failed.get(at)
    finally:
        dead.release(staying)


def read_letter(letter: DeadLetter) -> Letter:
    """A letter, decoded; of an `Unreadable` body, the reason that is stored with it."""
    try:
        return Letter(letter.id, letter.sent, letter.body, decode_message(letter.body))
    except UnreadableInput as error:
        problem = str(error)
    with contextlib.suppress(msgspec.MsgspecError):
        problem = msgspec.json.decode(letter.body, type=Unreadable).reason
    return Letter(letter.id, letter.sent, letter.body, None, problem)


def _outcome(letter: Letter, choice: Choice, failed: str | None) -> Moved:
    if choice == "drop":
        return Moved(letter, "dropped")
    if choice == "pass":
        return Moved(letter, "passed")
    if letter.message is None:
        return Moved(letter, "stays", letter.problem)
    return Moved(letter, "stays", failed) if failed else Moved(letter, "sent")


def afresh(letter: Letter, now: float, longest: int) -> str:
    """The message as text, without the record of its earlier attempts."""
    message = letter.message
    if isinstance(message, Message):
        message = msgspec.structs.replace(
            message, since=now, not_before=0, waits=0, turn=0, reason=None
        )
    assert message is not None  # noqa: S101 - only messages are sent again
    return encode_message(message, longest)
