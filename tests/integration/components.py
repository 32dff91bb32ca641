"""The vendors' own servers and tools that the real tests run against, kept under .tools/.

`make components` fetches what is missing or was pinned anew, and `python -m
tests.integration.components NAME` fetches one. npm packages are checked against the
integrity written here, Python ones against the hashes in tests/integration/tools/.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
PINS = Path(__file__).parent / "tools"


class NpmPackage(msgspec.Struct, frozen=True):
    """A package from npm. `alone`: unpack it only, its dependencies are of no use here."""

    name: str
    version: str
    integrity: str
    alone: bool = False
    notice: str = ""

    def pin(self) -> str:
        return f"{self.name}@{self.version} {self.integrity}"

    def fetch(self, into: Path) -> None:
        if self.notice:
            print(self.notice)
        with TemporaryDirectory() as scratch:
            _run("npm", "pack", "--silent", f"{self.name}@{self.version}", cwd=Path(scratch))
            [archive] = Path(scratch).glob("*.tgz")
            digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            if f"sha512-{digest}" != self.integrity:
                raise SystemExit(f"{self.pin()}: the package that npm gave has sha512-{digest}")
            if self.alone:
                with tarfile.open(archive) as packed:
                    packed.extractall(into, filter="data")
            else:
                options = ("--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")
                _run("npm", "install", "--silent", *options, "--prefix", str(into), str(archive))


class PythonTool(msgspec.Struct, frozen=True):
    """A virtual environment of its own, for what would quarrel with the project's packages.

    `deps`: whether the pins name the dependencies too; without them the package is only unpacked.
    """

    pins: str
    deps: bool = True

    def pin(self) -> str:
        return (PINS / self.pins).read_text()

    def fetch(self, into: Path) -> None:
        venv.create(into, with_pip=True)
        pip = (str(into / "bin/python"), "-m", "pip", "install", "-qq", "--require-hashes")
        _run(*pip, *(() if self.deps else ("--no-deps",)), "-r", str(PINS / self.pins))


class Wheels(msgspec.Struct, frozen=True):
    """Python packages that are read and not installed: several versions of one can lie there."""

    pins: str

    def pin(self) -> str:
        return (PINS / self.pins).read_text()

    def fetch(self, into: Path) -> None:
        pip = (sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes")
        with TemporaryDirectory() as scratch:
            for number, line in enumerate(self.pin().splitlines()):
                one = Path(scratch) / f"{number}.txt"
                one.write_text(line)
                if not line.startswith("#"):
                    _run(*pip, "--dest", str(into), "-r", str(one))


COMPONENTS: dict[str, NpmPackage | PythonTool | Wheels] = {
    "dynamodb-local": NpmPackage(
        "amplify-dynamodb-simulator",
        "2.9.30",
        "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
        alone=True,
        notice=(
            "DynamoDB Local is Amazon's, under the DynamoDB Local licence agreement: it may be used"
            " only by someone who has an AWS account in good standing, and not be passed on."
        ),
    ),
    "azurite": NpmPackage(
        "azurite",
        "3.37.0",
        "sha512-dl2AXMkXtVlX9s3U3ttIQFFlKwe64k/ugSIVNT4V3qX488Ncw988rIHAs6apgUtfEzyqwtFN9MZp0Foq60Htag==",
    ),
    "adaptivecards": NpmPackage(  # draws the Teams card of docs/pictures; no test needs it
        "adaptivecards",
        "3.0.6",
        "sha512-WDCIb2WXZ7cOHJ9HIHRNdhSt861HySVOdN2xPk2aKHAF3JvD8QGQ8/XcNFrDJxCteOog8MM7EBlXfSAR8JXKAg==",
        alone=True,
    ),
    "axe-core": NpmPackage(  # finds what a page lacks for people who can't see it or use a mouse
        "axe-core",
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        alone=True,
    ),
    "lambda": PythonTool("lambda.txt"),
    "sam": PythonTool("sam.txt"),
    "checkov": PythonTool("checkov.txt"),
    "localstack": PythonTool("localstack.txt", deps=False),
    "duckdb": PythonTool("duckdb.txt"),  # what `make bench BENCH=peers` measures beside replay
    "panther": PythonTool("panther.txt"),
    "azure-types": Wheels("azure-types.txt"),
    "kusto": NpmPackage(  # Microsoft's parser of Kusto queries
        "@kusto/language-service-next",
        "12.4.1",
        "sha512-8Ybwi1DVxnFZ8+mnw38ruXjSGIxA2jwx1HeqjStvMa5kSHzHPtEYm5n7et1fwgn5KDUZJzsSNjuRroiI+j8brA==",
        alone=True,
    ),
}


def fetch(name: str) -> None:
    """Fetch a component, unless what is there was made from the same pin."""
    if is_current(name):
        return
    print(f"fetching {name} …", flush=True)
    into = TOOLS / name
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    COMPONENTS[name].fetch(into)
    _stamp(name).write_text(COMPONENTS[name].pin())


def is_current(name: str) -> bool:
    return _stamp(name).is_file() and _stamp(name).read_text() == COMPONENTS[name].pin()


def require(name: str) -> Path:
    """Where a component lies. A test without it is skipped, in CI it fails."""
    if not is_current(name):
        missing: Callable[[str], object] = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"{name} is not there, or pinned anew: run `make components`")
    return TOOLS / name


def _stamp(name: str) -> Path:
    return TOOLS / name / ".pin"


def _run(*command: str, cwd: Path = ROOT) -> None:
    if shutil.which(command[0]) is None:
        raise SystemExit(f"{command[0]} is missing: install it and run `make components` again")
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or COMPONENTS:
        fetch(wanted)
