"""What a folder holds: the files that may be events, in the order of their paths."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrywatch.sources.inputs import LocalFile, found_in

_NAMES = ("a", "a-b", "ab", "b", ".hidden")
_ENDINGS = ("", ".json", ".GZ", ".zst", ".")
_paths = st.tuples(
    st.lists(st.sampled_from(_NAMES), max_size=3).map(
        lambda names: [f"{name}.d" for name in names]
    ),
    st.sampled_from(_NAMES),
    st.sampled_from(_ENDINGS),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(_paths.map(lambda path: "/".join((*path[0], path[1] + path[2])))))
def test_files_are_in_the_order_of_their_paths(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    shown = [Path(name) for name in names if "/." not in f"/{name}"]
    events = [path for path in sorted(shown) if path.suffix.lower() in ("", ".json", ".gz")]
    assert found_in(folder).inputs == [LocalFile(folder / path) for path in events]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file, and another folder beside it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b.json").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.json").touch()
    return tmp_path / "folder"


def test_links_to_files_are_read_and_links_to_folders_are_not(folder: Path) -> None:
    (folder / "a.json").symlink_to(folder.parent / "elsewhere" / "c.json")
    (folder / "c").symlink_to(folder.parent / "elsewhere")
    (folder / "d").symlink_to(folder)
    (folder / "dangling.json").symlink_to(folder / "nothing")
    os.mkfifo(folder / "e")
    found = found_in(folder)
    assert found.inputs == [LocalFile(folder / "a.json"), LocalFile(folder / "b.json")]
    assert not found.problems


def test_a_link_that_can_not_be_followed_is_an_input_so_that_reading_it_says_why(
    folder: Path,
) -> None:
    (folder / "round").symlink_to(folder / "round")
    assert LocalFile(folder / "round") in found_in(folder).inputs
    with pytest.raises(OSError, match="symbolic links"):
        LocalFile(folder / "round").open()
