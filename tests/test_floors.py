"""The house's floors: each imports only from those above it, and no SDK before it is needed."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

import registrywatch
from registrywatch.delivery.destinations import DESTINATIONS
from tests.builders.cases import for_each

HOUSE = Path(registrywatch.__file__).parent
FLOORS = (
    (
        "events",
        "severity",
        "globs",
        "digests",
        "errors",
        "extras",
        "clouds",
        "times",
        "readers",
        "retry_after",
        "sdk",
        "rows",
        "variables",
    ),
    ("sources",),
    ("rules",),
    ("windows",),
    ("alerts",),
    ("detector",),
    ("delivery",),
    ("checks",),
    ("aws", "azure"),
    ("ingest",),
    ("settings",),
    ("deployed_detector",),
    ("tuning",),
    ("report",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in HOUSE.rglob("*.py") if path != HOUSE / "__init__.py")

LIBRARY = (
    "registrywatch.sources.files",
    "registrywatch.rules",
    "registrywatch.windows.memory",
    "registrywatch.windows.protocol",
    "registrywatch.alerts",
    "registrywatch.detector",
)
NO_SDK = (
    "events",
    "rules",
    "windows",
    "alerts",
    "detector",
    "checks",
    "ingest",
    "settings",
    "deployed_detector",
    "tuning",
    "report",
)
SDKS = ("boto3", "botocore", "azure", "requests", "rich", "aws_lambda_powertools")


def room_of(path: Path) -> str:
    """The floor's name: the package, or the module where it is one by itself."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@functools.cache
def names_imported_by(path: Path) -> list[str]:
    """What the module names in an import, at its top or in a function."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def rooms_imported_by(path: Path) -> set[str]:
    """Which parts of the library the module names in an import, at its top or in a function."""
    parts = [name.split(".") for name in names_imported_by(path)]
    rooms = {each[1] for each in parts if each[0] == "registrywatch" and len(each) > 1}
    return rooms - {"__version__"}


def imported_by(statement: str, *flags: str) -> set[str]:
    """The names of all modules that a fresh interpreter holds after the statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    command = [sys.executable, *flags, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_every_module_of_the_library_has_its_floor() -> None:
    assert {room_of(path) for path in MODULES} == LEVEL.keys()


@for_each("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_module_imports_only_from_floors_above_its_own(path: Path) -> None:
    own = room_of(path)
    below = {room for room in rooms_imported_by(path) - {own} if LEVEL[room] >= LEVEL[own]}
    if LEVEL[own] == 0:  # the first floor's modules may know each other
        below -= set(FLOORS[0])
    assert not below, f"{own} must not know of {', '.join(sorted(below))}"


@for_each("room", NO_SDK)
def test_these_rooms_use_no_sdk_not_even_inside_a_function(room: str) -> None:
    paths = [path for path in MODULES if room_of(path) == room]
    assert paths
    for path in paths:
        used = tops(set(names_imported_by(path))) & set(SDKS)
        assert not used, f"{path.relative_to(HOUSE)} imports {', '.join(used)}"


ONLY_IN_SDK = ("boto3", "botocore", "azure.core.exceptions", "azure.identity")


@for_each("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_only_one_room_makes_clients_of_aws_signs_in_and_names_errors_of_an_sdk(path: Path) -> None:
    used = {name for name in names_imported_by(path) if name.startswith(ONLY_IN_SDK)}
    assert not used or room_of(path) == "sdk"


def test_ingest_belongs_to_no_cloud() -> None:
    assert not rooms_imported_by(HOUSE / "ingest.py") & {"aws", "azure"}


@pytest.mark.parametrize(("cloud", "other"), [("aws", "azure"), ("azure", "aws")])
def test_the_functions_of_a_cloud_import_nothing_of_the_other(cloud: str, other: str) -> None:
    for path in sorted((HOUSE.parents[1] / "functions" / cloud).rglob("*.py")):
        names = names_imported_by(path)
        own = {name for name in names if name.startswith("functions.")}
        assert other not in rooms_imported_by(path), path
        assert not {name for name in own if name.startswith(f"functions.{other}")}, path


@for_each("module", ["registrywatch", "registrywatch.cli", *LIBRARY])
def test_importing_it_imports_no_sdk(module: str) -> None:
    imported = tops(imported_by(f"import {module}"))
    assert not imported & set(SDKS)


def test_the_library_itself_needs_msgspec_alone() -> None:
    """Without site-packages, but for msgspec, which is in a folder of its own."""
    import msgspec

    allowed = str(Path(msgspec.__file__).parent)
    statement = f"""
import importlib.machinery, importlib.util, sys
sys.path.insert(0, {str(HOUSE.parent)!r})
where = importlib.machinery.PathFinder.find_spec("msgspec", [{str(Path(allowed).parent)!r}])
sys.modules["msgspec"] = importlib.util.module_from_spec(where)
where.loader.exec_module(sys.modules["msgspec"])
import {", ".join(LIBRARY)}
"""
    imported = tops(imported_by(statement, "-I", "-S"))
    others = imported - sys.stdlib_module_names - {"msgspec", "registrywatch", "__mp_main__"}
    assert not {name for name in others if not name.startswith("_")}, others


def test_a_file_of_events_is_replayed_without_any_sdk(tmp_path: Path) -> None:
    """Not only the import: the call itself needs no more than it uses."""
    (tmp_path / "events.json").write_text('{"Records": []}\n')
    statement = (
        "from registrywatch.cli import main\n"
        f"assert main(['replay', '--json', {str(tmp_path)!r}]) == 0"
    )
    assert not tops(imported_by(statement)) & set(SDKS)


KINDS_OF_DESTINATIONS = {f"registrywatch.delivery.destinations.{name}" for name in DESTINATIONS}
RARE = {"registrywatch.rules.grading.iam", "registrywatch.sources.recovery", "difflib", "pickle"}


def test_the_settings_load_no_destination_that_is_not_set_and_no_alert() -> None:
    imported = imported_by("import registrywatch.settings as settings; settings.parse({})")
    unwanted = {*KINDS_OF_DESTINATIONS, *RARE, "registrywatch.alerts", "registrywatch.sources"}
    assert imported & {*unwanted, "urllib.parse", "hashlib", "json"} == set()


def test_replay_of_a_sound_file_loads_only_what_it_uses(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text('{"Records": []}\n')
    imported = imported_by(
        f"from registrywatch.cli import main\nmain(['replay', {str(tmp_path)!r}])"
    )
    unwanted = {*KINDS_OF_DESTINATIONS, *RARE, "registrywatch.report", "multiprocessing"}
    unwanted |= {"concurrent.futures", "registrywatch.sources.remote.buckets"}
    assert imported & unwanted == set()


def test_the_help_of_the_command_line_loads_no_command() -> None:
    statement = "from registrywatch.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    own = {name for name in imported_by(statement) if name.startswith("registrywatch.")}
    assert own <= {
        f"registrywatch.{name}"
        for name in ("cli", "cli.command_parser", "cli.stdout", "errors", "extras")
    }
