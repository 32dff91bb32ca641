"""The contract of rows in every store: in memory, in DynamoDB, in Table Storage."""

import threading
from collections.abc import Callable

from registrywatch.rows import Rows, Value

HOSTILE = "registry/repo#?\\'\" ü\udc00 " + "x" * 2000


class RowsContract:
    """The tests; a subclass provides the fixture `rows`."""

    def test_a_row_is_created_once(self, rows: Rows) -> None:
        assert rows.get("name") is None
        assert rows.create("name", {"value": "first"})
        assert not rows.create("name", {"value": "second"})
        row = rows.get("name")
        assert row is not None
        assert row.values == {"value": "first"}

    def test_a_row_keeps_values_of_every_kind(self, rows: Rows) -> None:
        values: dict[str, Value] = {"text": "ü", "number": 3, "part": 1.5, "bytes": b"\x00\xff"}
        rows.put("name", values)
        row = rows.get("name")
        assert row is not None
        assert row.values == values

    def test_a_row_is_replaced_only_as_it_was_seen(self, rows: Rows) -> None:
        first = rows.create("name", {"value": "first", "extra": 1})
        assert first is not None
        second = rows.replace("name", {"value": "second"}, first)
        assert second is not None
        assert rows.replace("name", {"value": "third"}, first) is None
        now = rows.get("name")
        assert now is not None
        assert (now.values, now.etag) == ({"value": "second"}, second)

    def test_a_row_that_is_not_there_is_not_replaced(self, rows: Rows) -> None:
        etag = rows.create("one", {"value": "x"})
        assert etag is not None
        assert rows.replace("other", {"value": "y"}, etag) is None

    def test_put_overwrites(self, rows: Rows) -> None:
        rows.put("name", {"images": 1, "old": "x"})
        rows.put("name", {"images": 2})
        row = rows.get("name")
        assert row is not None
        assert row.values == {"images": 2}

    def test_names_may_hold_anything(self, rows: Rows) -> None:
        assert rows.create(HOSTILE, {"value": "x"})
        assert not rows.create(HOSTILE, {"value": "y"})
        assert rows.get(HOSTILE.replace("#", "_")) is None

    def test_of_many_at_once_one_creates_the_row(self, rows: Rows) -> None:
        assert _won(lambda number: rows.create("name", {"value": number})) == 1

    def test_of_many_at_once_one_replaces_it(self, rows: Rows) -> None:
        seen = rows.create("name", {"value": -1})
        assert seen is not None
        assert _won(lambda number: rows.replace("name", {"value": number}, seen)) == 1


def _won(attempt: Callable[[int], str | None]) -> int:
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=number: won.append(attempt(n) is not None))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(won)
