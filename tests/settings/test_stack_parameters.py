"""From a stack's parameters to the settings of its functions; `check-settings` on all of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main
from registrywatch.errors import SettingsError
from registrywatch.settings.stack_limits import refused
from registrywatch.settings.stack_parameters import (
    Source,
    environment_of,
    read_parameters,
    read_template,
)
from tests.aws.templates import MAIN, Json, load

Captured = pytest.CaptureFixture[str]
TEMPLATE = read_template(MAIN)
SLACK = "SlackWebhookUrl=ssm:/registrywatch/slack"
PULL = "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("REGISTRYWATCH_")]:
        monkeypatch.delenv(name)


def references(value: Any) -> list[str]:
    """All parameters that a value of the template names, by way of a YAML library."""
    match value:
        case {"Ref": str(name)}:
            return [name]
        case {"Fn::Sub": str(text)}:
            return [name for name in load()["Parameters"] if f"${{{name}}}" in text]
        case {"Fn::If": [_, *branches]}:
            return [name for branch in branches for name in references(branch)]
    return []


def environments() -> list[Json]:
    functions = [load()["Globals"]["Function"], *load()["Resources"].values()]
    found = [each.get("Properties", each).get("Environment", {}) for each in functions]
    return [each["Variables"] for each in found if each]


class TestTemplate:
    def test_its_parameters_are_those_that_a_yaml_library_finds(self) -> None:
        assert TEMPLATE.parameters.keys() == load()["Parameters"].keys()

    def test_its_limits_are_those_that_a_yaml_library_finds(self) -> None:
        for name, declared in load()["Parameters"].items():
            limit = TEMPLATE.parameters[name]
            assert [*limit.values] == [str(each) for each in declared.get("AllowedValues", [])]
            assert limit.pattern == declared.get("AllowedPattern")
            assert (limit.least, limit.most) == (declared.get("MinValue"), declared.get("MaxValue"))
            assert limit.hint == declared.get("ConstraintDescription")

    def test_every_default_is_within_its_limit(self) -> None:
        defaults = {
            name: str(declared["Default"])
            for name, declared in load()["Parameters"].items()
            if "Default" in declared
        }
        assert len(defaults) > 50
        assert not [*refused(TEMPLATE.parameters, defaults)]

    def test_each_variable_comes_from_the_parameters_that_a_yaml_library_finds(self) -> None:
        expected: dict[str, set[str]] = {}
        for variables in environments():
            for name, value in variables.items():
                if name.startswith("REGISTRYWATCH_"):
                    known = set(references(value)) & load()["Parameters"].keys()
                    expected[name] = expected.get(name, set()) | known
        found = {
            name: {source.parameter for source in sources}
            for name, sources in TEMPLATE.variables.items()
        }
        assert found == expected

    def test_a_value_may_stand_within_a_text(self) -> None:
        assert set(TEMPLATE.variables["REGISTRYWATCH_CONFIG"]) == {
            Source("Settings"),
            Source("SettingsParameter", "ssm:{}"),
        }

    def test_what_is_no_template_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").write_text("Parameters:\n  A:\n    Type: String\n")
        for path in (tmp_path / "other.yaml", tmp_path / "nothing", tmp_path):
            with pytest.raises(SettingsError, match=path.name):
                read_template(path)


class TestParameters:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.json", '[{"ParameterKey": "A", "ParameterValue": "1,2"}]'),
            ("a.json", '{"Parameters": {"A": "1,2"}}'),
            ("a.json", '\ufeff{"A": "1,2"}'),
            ("a.toml", '[default.deploy.parameters]\nparameter_overrides = "A=\\"1,2\\""'),
            ("a.toml", '[default.deploy.parameters]\nparameter_overrides = ["A=1,2"]'),
            ("a.toml", '[default.global.parameters]\nparameter_overrides = {A = "1,2"}'),
        ],
    )
    def test_a_file_may_have_any_form_that_aws_s_tools_read(
        self, name: str, text: str, tmp_path: Path
    ) -> None:
        path = tmp_path / name
        path.write_text(text)
        assert read_parameters([str(path)]) == {"A": "1,2"}

    def test_later_ones_override_and_other_environments_are_apart(self, tmp_path: Path) -> None:
        path = tmp_path / "samconfig.toml"
        path.write_text('[prod.deploy.parameters]\nparameter_overrides = "A=1 B=x=y"')
        assert read_parameters([str(path), "A=2"], "prod") == {"A": "2", "B": "x=y"}
        with pytest.raises(SettingsError, match=r"samconfig\.toml: is not a file of template"):
            read_parameters([str(path)])

    @pytest.mark.parametrize("text", ["", "{", "7", "[7]", '[{"Key": "A"}]'])
    def test_a_file_of_something_else_is_refused(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_text(text)
        with pytest.raises(SettingsError, match=r"a\.json: is not a file of template parameters"):
            read_parameters([str(path)])

    def test_an_empty_parameter_sets_nothing(self) -> None:
        environ = environment_of(TEMPLATE, {"PullThreshold": "", "SettingsParameter": "/rw"})
        assert environ == {"REGISTRYWATCH_CONFIG": "ssm:/rw"}

    def test_a_parameter_that_the_template_lacks_is_a_typo(self) -> None:
        with pytest.raises(SettingsError, match="did you mean PullThreshold"):
            environment_of(TEMPLATE, {"PullTreshold": "7"})


class TestCommand:
    def check(self, capsys: Captured, *argv: str | Path) -> tuple[int, str, list[str]]:
        status = main(["check-settings", *map(str, argv)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err.splitlines()

    def test_the_environment_is_checked(
        self, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/slack")
        status, out, err = self.check(capsys)
        assert (status, err) == (0, [])
        assert out == "1 setting can be used. Alerts go to slack (from low).\n"
        monkeypatch.setenv(f"{PULL}_THRESHOLD", "many")
        monkeypatch.setenv("REGISTRYWATCH_TYPO", "x")
        status, out, err = self.check(capsys)
        assert (status, out, len(err)) == (2, "", 2)

    def test_all_mistakes_in_the_parameters_are_reported_at_once(self, capsys: Captured) -> None:
        arguments = ["PullThreshold=0", "PushCount=x", SLACK]
        status, out, err = self.check(
            capsys, "--template", MAIN, "--template-parameters", *arguments
        )
        assert (status, out, len(err)) == (2, "", 2)
        assert f"{PULL}_THRESHOLD: '0' can't be used" in "\n".join(err)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("Canary=maybe", "Canary: 'maybe' can't be used; it must be one of off, Canary10"),
            ("TrafficConcurrency=1", "TrafficConcurrency: '1' can't be used; it must be a whole"),
            (
                "TrafficConcurrency=ten",
                "TrafficConcurrency: 'ten' can't be used; it must be a whole",
            ),
            ("OrganizationId=x", "OrganizationId can't be used: it must match ^(o-"),
        ],
    )
    def test_what_cloudformation_would_refuse_is_reported(
        self, given: str, expected: str, capsys: Captured
    ) -> None:
        status, out, err = self.check(
            capsys, "--template", MAIN, "--template-parameters", SLACK, given
        )
        assert (status, out) == (2, "")
        assert err[0].startswith(f"registrywatch: {expected}")

    def test_an_address_where_its_place_belongs_is_refused_and_not_shown(
        self, capsys: Captured
    ) -> None:
        address = "SlackWebhookUrl=https://hooks.slack.com/services/T0/B0/0123456789"
        status, _, err = self.check(capsys, "--template", MAIN, "--template-parameters", address)
        assert (status, len(err)) == (2, 1)
        assert "never the address itself" in err[0]
        assert "0123456789" not in err[0]

    def test_good_parameters_pass(self, capsys: Captured) -> None:
        status, out, _ = self.check(
            capsys, "--template", MAIN, "--template-parameters", "PullThreshold=7", SLACK
        )
        assert (status, out) == (0, "2 settings can be used. Alerts go to slack (from low).\n")

    def test_a_stack_without_a_destination_is_wrong(self, capsys: Captured) -> None:
        status, _, err = self.check(
            capsys, "--template", MAIN, "--template-parameters", "PullThreshold=7"
        )
        assert status == 2
        assert err == ["registrywatch: a deployment needs at least one destination"]

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps({f"{PULL}_THRESHOLD": 7}),
            json.dumps({"IsEncrypted": False, "Values": {f"{PULL}_THRESHOLD": "7", "X": "y"}}),
            f'# settings\nexport {PULL}_THRESHOLD="7"  # seven\n\n',
        ],
        ids=["JSON", "local.settings.json", "lines"],
    )
    def test_a_file_of_settings_is_checked(
        self, text: str, capsys: Captured, tmp_path: Path
    ) -> None:
        path = tmp_path / "settings"
        path.write_text(text)
        status, out, _ = self.check(capsys, path)
        assert (status, out) == (0, "1 setting can be used. No destination is set.\n")
        path.write_text(text.replace("7", "0"))
        status, out, err = self.check(capsys, path)
        assert (status, out, len(err)) == (2, "", 1)
        assert f"{PULL}_THRESHOLD" in err[0]

    @pytest.mark.parametrize("text", ["{", "no equals sign", '"unclosed', "\udcff"])
    def test_a_file_that_cannot_be_read_is_named(
        self, text: str, capsys: Captured, tmp_path: Path
    ) -> None:
        path = tmp_path / "settings"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        status, out, err = self.check(capsys, path)
        assert (status, out, len(err)) == (2, "", 1)
        assert str(path) in err[0]

    def test_a_file_and_parameters_together_are_wrong_usage(self, capsys: Captured) -> None:
        with pytest.raises(SystemExit) as caught:
            main(["check-settings", "x", "--template-parameters", "A=1"])
        assert caught.value.code == 2
