"""What every ledger does, whatever it is kept in."""

import threading
import uuid

from registrywatch.delivery.ledger import Ledger


class LedgerContract:
    """Tests for a `ledger` fixture. Keys are new in every test: ledgers may be shared."""

    def key(self) -> str:
        return f"m{uuid.uuid4().hex}"

    def test_what_was_never_written_is_absent(self, ledger: Ledger) -> None:
        assert ledger.read(self.key()) is None

    def test_what_was_written_is_read(self, ledger: Ledger) -> None:
        key = self.key()
        written = ledger.write(key, b"\x00\xff one", None)
        assert written is not None
        assert ledger.read(key) == written
        assert written.value == b"\x00\xff one"

    def test_what_is_there_is_not_written_as_new(self, ledger: Ledger) -> None:
        key = self.key()
        ledger.write(key, b"one", None)
        assert ledger.write(key, b"two", None) is None
        entry = ledger.read(key)
        assert entry is not None
        assert entry.value == b"one"

    def test_it_is_replaced_by_who_has_seen_it(self, ledger: Ledger) -> None:
        key = self.key()
        first = ledger.write(key, b"one", None)
        second = ledger.write(key, b"two", first)
        assert second is not None
        assert ledger.write(key, b"three", first) is None
        assert ledger.read(key) == second
        assert ledger.write(key, b"three", second) is not None

    def test_the_same_value_written_again_is_another_state(self, ledger: Ledger) -> None:
        key = self.key()
        first = ledger.write(key, b"one", None)
        assert ledger.write(key, b"one", first) is not None
        assert ledger.write(key, b"two", first) is None

    def test_what_was_seen_elsewhere_does_not_count(self, ledger: Ledger) -> None:
        elsewhere = ledger.write(self.key(), b"one", None)
        key = self.key()
        assert ledger.write(key, b"two", elsewhere) is None
        assert ledger.read(key) is None

    def test_forty_kilobytes_fit(self, ledger: Ledger) -> None:
        key = self.key()
        ledger.write(key, b"x" * 40_000, None)
        entry = ledger.read(key)
        assert entry is not None
        assert len(entry.value) == 40_000

    def test_of_many_who_write_at_once_one_wins(self, ledger: Ledger) -> None:
        key = self.key()
        seen = ledger.write(key, b"start", None)
        for _ in range(3):
            won: list[object] = []

            def write(number: int, seen: object = seen, won: list[object] = won) -> None:
                entry = ledger.write(key, b"%d" % number, seen)  # type: ignore[arg-type]
                if entry is not None:
                    won.append(entry)

            threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(won) == 1
            seen = ledger.read(key)
            assert won == [seen]
