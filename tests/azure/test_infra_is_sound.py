"""infra/azure, as far as it can be checked without a Bicep compiler."""

import re
from pathlib import Path

from pycep import BicepParser

from tests.azure import bicep
from tests.azure.bicep import BUILT_IN, INFRA, BicepFile
from tests.builders.cases import for_each

FILES = {path.name: bicep.read(path) for path in bicep.files()}
every_file = for_each("file", FILES.values(), ids=FILES)


def test_there_is_something_to_check() -> None:
    assert "main.bicep" in FILES
    assert len(FILES) > 5


@every_file
def test_two_parsers_understand_it(file: BicepFile) -> None:
    assert file.sound
    assert BicepParser().parse(file_path=file.path)


@every_file
def test_every_name_is_declared(file: BicepFile) -> None:
    assert file.named - file.declared == set()
    assert file.called - BUILT_IN == set()


@every_file
def test_everything_declared_is_used(file: BicepFile) -> None:
    assert (file.parameters | file.variables) - file.named == set()


@every_file
def test_modules_get_what_they_ask_for_and_nothing_else(file: BicepFile) -> None:
    for name, module in file.modules.items():
        asked = FILES[module.file]
        assert asked.required - module.given == set(), name
        assert module.given - asked.parameters == set(), name


@every_file
def test_outputs_that_are_read_are_there(file: BicepFile) -> None:
    for module, output in file.outputs_read:
        assert output in FILES[file.modules[module].file].outputs


def test_every_file_is_reached_from_main() -> None:
    reached, waiting = set(), ["main.bicep"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += [module.file for module in FILES[name].modules.values()]
    alone = {name for name, file in FILES.items() if file.path.parent.name == "optional"}
    assert reached == {*FILES} - alone


@every_file
def test_every_resource_has_a_version(file: BicepFile) -> None:
    for kind in file.resources.values():
        assert re.fullmatch(r"Microsoft\.[\w.]+(/\w+)+@\d{4}-\d\d-\d\d(-preview)?", kind), kind


def test_the_parameters_file_sets_all_that_main_demands() -> None:
    text = (INFRA / "registrywatch.bicepparam").read_text()
    assert "using './main.bicep'" in text
    given = set(re.findall(r"^param (\w+) =", text, re.MULTILINE))
    main = FILES["main.bicep"]
    assert main.required - given == set()
    assert given - main.parameters == set()


def test_the_checks_see_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.bicep"
    wrong.write_text(
        "param used string\n"
        "param unused string\n"
        "resource a 'Microsoft.Web/sites@2024-04-01' = {\n"
        "  name: usedd\n"
        "  location: nonsense(used)\n"
        "}\n"
        "module m 'storage.bicep' = {\n"
        "  params: { accountName: m2.outputs.nothing, acountName: a.id }\n"
        "}\n"
    )
    found = bicep.read(wrong)
    assert found.named - found.declared == {"usedd", "m2"}
    assert found.called - BUILT_IN == {"nonsense"}
    assert found.parameters - found.named == {"unused"}
    assert found.modules["m"].given - FILES["storage.bicep"].parameters == {"acountName"}
    assert FILES["storage.bicep"].required - found.modules["m"].given >= {"location"}
    wrong.write_text("resource a 'x' = {\n")
    assert not bicep.read(wrong).sound
