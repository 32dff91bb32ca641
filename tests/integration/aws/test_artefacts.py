"""What `sam build` made: small, compiled, without what the runtime brings."""

import importlib.util
import zipfile
from pathlib import Path

import pytest

from tests.aws.templates import resources
from tests.integration.aws.lambda_runtime import BUILD, LAYER

pytestmark = pytest.mark.real

UNCHECKED = 0b01  # PEP 552: valid by a hash, which nobody compares with the source
FUNCTIONS = ("ChangesFunction", "TrafficFunction", "DeliveryFunction")


def sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


@pytest.mark.parametrize("name", ["Library", *FUNCTIONS])
def test_a_package_has_less_than_five_megabytes(name: str, tmp_path: Path) -> None:
    packed = tmp_path / "package.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (BUILD / name).rglob("*"):
            archive.write(path, path.relative_to(BUILD / name))
    assert packed.stat().st_size < 5_000_000


@pytest.mark.parametrize("name", ["Library", *FUNCTIONS])
def test_everything_is_compiled_for_good(name: str) -> None:
    """Files get new times on the way into Lambda; a compiled one that is refused is lost time."""
    found = sources(BUILD / name)
    assert found
    for source in found:
        header = Path(importlib.util.cache_from_source(str(source))).read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(header[4:], "little") == UNCHECKED, source


def test_the_layer_holds_what_it_must_and_no_more() -> None:
    names = {path.name for path in LAYER.iterdir()}
    assert {"registrywatch", "msgspec", "aws_lambda_powertools", "requests"} <= names
    assert not names & {"boto3", "botocore", "azure", "rich", "tests"}
    library = {path.name for path in (LAYER / "registrywatch").iterdir()}
    assert {"aws", "delivery", "detector", "rules"} <= library
    assert not library & {"azure", "cli", "report", "tuning"}


def test_the_layer_serves_both_architectures() -> None:
    extensions = [path.name for path in LAYER.rglob("*.so")]
    for machine in ("x86_64", "aarch64"):
        assert any(name.endswith(f"-{machine}-linux-gnu.so") for name in extensions)
    assert len({name.rpartition("cpython")[0] for name in extensions}) * 2 == len(extensions)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_s_package_holds_the_doors_alone(name: str) -> None:
    properties = resources("AWS::Serverless::Function", BUILD / "template.yaml")[name]
    task = BUILD / properties["CodeUri"]
    assert {path.relative_to(task).parts[:2] for path in task.rglob("*") if path.is_file()} == {
        ("functions", "aws")
    }
