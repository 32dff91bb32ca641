"""Remote addresses as they are typed: what is said before anything is read, and where it fails."""

from pathlib import Path

import pytest

from registrywatch.cli import main
from registrywatch.errors import UnreadableInput
from registrywatch.sources.inputs import Found
from registrywatch.sources.remote import KINDS, Kind, Wanted, kind_of
from tests.builders.cloudtrail import delete_repository
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.json"
    path.write_bytes(lines(delete_repository()))
    return path


def test_each_kind_is_known_by_its_scheme() -> None:
    assert [kind_of(f"{kind.scheme}://x") for kind in KINDS] == [*KINDS]
    assert kind_of("/s3://x") is None
    assert kind_of("folder/az") is None


@pytest.mark.parametrize("address", ["s3://", "az://account", "athena://db", "loganalytics://name"])
def test_an_address_of_wrong_form_is_wrong_usage(address: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", address])
    assert caught.value.code == 2
    kind = kind_of(address)
    assert kind is not None
    assert f"must be {kind.form}" in capsys.readouterr().err


def test_what_cannot_be_listed_is_one_line_and_the_rest_is_read(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def find(address: str, _: Wanted) -> Found:
        return Found(problems=[f"{address}: access denied"])

    odd = Kind("odd", "odd://X", find)
    monkeypatch.setattr("registrywatch.sources.remote.KINDS", (odd,))
    assert main(["replay", "odd://x", str(events)]) == 1
    out, err = capsys.readouterr()
    assert err == "registrywatch: odd://x: access denied\n"
    assert "1 alert from 1 event, 1 problem" in out


def test_a_dry_run_says_what_would_be_read_and_reads_nothing(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def plan(address: str, wanted: Wanted) -> list[str]:
        if address.endswith("refused"):
            raise UnreadableInput("access denied")
        return [f"SELECT {wanted.accounts.patterns}"]

    odd = Kind("odd", "odd://X", lambda *_: pytest.fail("it was read"), plan)
    monkeypatch.setattr("registrywatch.sources.remote.KINDS", (odd,))
    options = ["replay", "--dry-run", "--account", "1*", "odd://x", str(events)]
    assert main(options) == 0
    assert capsys.readouterr().out == f"SELECT ('1*',)\n{events}: 1 input, 0.0 MB\n"
    assert main(["replay", "--dry-run", "odd://refused"]) == 1
    assert capsys.readouterr() == ("", "registrywatch: odd://refused: access denied\n")


def test_a_dry_run_of_a_file_that_is_not_there_is_wrong_usage(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--dry-run", "nowhere.json"])
    assert caught.value.code == 2
    assert "there is no such file or folder" in capsys.readouterr().err


def test_a_folder_for_copies_that_cannot_be_written_is_wrong_usage(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--keep", str(tmp_path / "file" / "copies"), "s3://bucket/"])
    assert caught.value.code == 2
    assert "copies': Not a directory" in capsys.readouterr().err
