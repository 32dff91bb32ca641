"""What rows must do, whoever keeps them: held to by those in memory and by real tables."""

import threading
from collections.abc import Callable

from registrywatch.azure.table import Rows

HOSTILE = "registry/repo#?\\'\" ü\udc00 " + "x" * 2000


class RowsContract:
    """Tests; a subclass gives the fixture `rows`."""

    def test_a_row_is_made_once(self, rows: Rows) -> None:
        assert rows.get("name") is None
        assert rows.create("name", {"value": "first"})
        assert not rows.create("name", {"value": "second"})
        row = rows.get("name")
        assert row is not None
        assert row.values == {"value": "first"}

    def test_a_row_is_replaced_only_as_it_was_seen(self, rows: Rows) -> None:
        rows.create("name", {"value": "first", "extra": 1})
        seen = rows.get("name")
        assert seen is not None
        assert rows.replace("name", {"value": "second"}, seen.etag)
        assert not rows.replace("name", {"value": "third"}, seen.etag)
        now = rows.get("name")
        assert now is not None
        assert now.values == {"value": "second"}

    def test_a_row_that_is_gone_is_not_replaced(self, rows: Rows) -> None:
        rows.create("name", {"until": 1.0})
        seen = rows.get("name")
        assert seen is not None
        assert rows.sweep(2.0) == 1
        assert not rows.replace("name", {"until": 3.0}, seen.etag)

    def test_put_overwrites(self, rows: Rows) -> None:
        rows.put("name", {"images": 1, "old": "x"})
        rows.put("name", {"images": 2})
        row = rows.get("name")
        assert row is not None
        assert row.values == {"images": 2}

    def test_sweeping_takes_what_is_due_and_nothing_else(self, rows: Rows) -> None:
        rows.put("due", {"until": 1_785_575_412.5})
        rows.put("not yet", {"until": 1_785_575_413.5})
        rows.put("never", {"value": "x", "until": 9e12})
        assert rows.sweep(1_785_575_413.0) == 1
        assert rows.get("due") is None
        assert rows.get("not yet") is not None

    def test_names_may_hold_anything(self, rows: Rows) -> None:
        assert rows.create(HOSTILE, {"value": "x"})
        assert not rows.create(HOSTILE, {"value": "y"})
        assert rows.get(HOSTILE.replace("#", "_")) is None

    def test_of_many_at_once_one_makes_the_row(self, rows: Rows) -> None:
        assert _won(lambda number: rows.create("name", {"value": number})) == 1

    def test_of_many_at_once_one_replaces_it(self, rows: Rows) -> None:
        rows.create("name", {"value": -1})
        seen = rows.get("name")
        assert seen is not None
        assert _won(lambda number: rows.replace("name", {"value": number}, seen.etag)) == 1


def _won(attempt: Callable[[int], bool]) -> int:
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=number: won.append(attempt(n))) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(won)
