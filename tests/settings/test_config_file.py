"""REGISTRYWATCH_CONFIG: the same settings in a JSON object, for lists that are too long."""

import json
from pathlib import Path

import boto3
import pytest

from registrywatch import settings
from registrywatch.cli import main
from registrywatch.errors import SecretError, SettingsError
from registrywatch.rules.tuning import Tuning
from registrywatch.settings import Settings
from registrywatch.settings.variables import CONFIG

ACTORS = "REGISTRYWATCH_IGNORE_ACTORS"
ENABLED = "REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED"
THRESHOLD = "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD"
SLACK = "REGISTRYWATCH_SLACK_WEBHOOK_URL"
ALL = {ACTORS: ["ci", "mirror"], ENABLED: False, THRESHOLD: 7}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.json"


def deleted(parsed: Settings) -> Tuning:
    return parsed.tunings["ecr-images-deleted"]


def threshold(parsed: Settings) -> int:
    counting = parsed.tunings["ecr-excessive-image-pull"].counting
    assert counting is not None
    return counting.threshold


def problem(where: object, **more: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.parse({CONFIG: str(where), **more})
    assert CONFIG in str(caught.value)
    return str(caught.value)


def test_a_file_holds_texts_numbers_truths_and_lists(config: Path) -> None:
    config.write_text(json.dumps(ALL))
    parsed = settings.parse({CONFIG: str(config)})
    assert deleted(parsed).ignore_actors.patterns == ("ci", "mirror")
    assert (deleted(parsed).enabled, threshold(parsed)) == (False, 7)


def test_the_environment_wins(config: Path) -> None:
    config.write_text(json.dumps(ALL))
    parsed = settings.parse({CONFIG: str(config), THRESHOLD: "9"})
    assert (threshold(parsed), deleted(parsed).enabled) == (9, False)


def test_a_byte_order_mark_is_accepted(config: Path) -> None:
    config.write_text(json.dumps(ALL), encoding="utf-8-sig")
    assert threshold(settings.parse({CONFIG: str(config)})) == 7


def test_ssm_is_fetched_by_the_function_that_is_given() -> None:
    asked: list[str] = []

    def fetch(where: str) -> str:
        asked.append(where)
        return json.dumps(ALL)

    assert threshold(settings.parse({CONFIG: "ssm:/registrywatch/config"}, fetch)) == 7
    assert asked == ["ssm:/registrywatch/config"]


def test_a_parameter_that_cannot_be_read_is_named() -> None:
    def fetch(where: str) -> str:
        raise SecretError(f"{where} can't be read: access denied")

    with pytest.raises(SettingsError, match=r"ssm:/x can't be read: access denied"):
        settings.parse({CONFIG: "ssm:/x"}, fetch)


def test_without_the_extra_that_reads_ssm_the_error_says_what_to_install() -> None:
    def fetch(where: str) -> str:
        raise ModuleNotFoundError("No module named 'boto3'", name="boto3")

    with pytest.raises(SettingsError, match=r"run: pip install 'registrywatch\[aws\]'"):
        settings.parse({CONFIG: "ssm:/x"}, fetch)


def test_ssm_is_read_from_the_account_that_the_credentials_are_for(
    moto: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same on the command line as in the functions."""
    monkeypatch.setenv(CONFIG, "ssm:/registrywatch/config")
    boto3.client("ssm").put_parameter(
        Name="/registrywatch/config", Value=json.dumps(ALL), Type="SecureString"
    )
    assert main(["rules", "ecr-excessive-image-pull"]) == 0
    assert f"{THRESHOLD} = 7" in capsys.readouterr().out


def test_the_object_itself_may_be_given() -> None:
    assert threshold(settings.parse({CONFIG: "  " + json.dumps(ALL)})) == 7


def test_values_are_held_to_what_the_variable_accepts(config: Path) -> None:
    config.write_text(json.dumps({THRESHOLD: 0}))
    with pytest.raises(SettingsError, match=f"{THRESHOLD}: '0' can't be used"):
        settings.parse({CONFIG: str(config)})


def test_a_typo_in_the_file_is_one_too(config: Path) -> None:
    config.write_text(json.dumps({"REGISTRYWATCH_IGNORE_ACTOR": "x"}))
    with pytest.raises(SettingsError, match=f"did you mean {ACTORS}"):
        settings.parse({CONFIG: str(config)})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.json" in problem(tmp_path / "nowhere.json")
    assert problem(tmp_path).endswith(": can't be read: Is a directory")


@pytest.mark.parametrize("where", ["a\x00b", "\ud800"])
def test_a_path_that_no_file_can_have_is_named(where: str) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        settings.parse({CONFIG: where})


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"7", b'"text"', b"null", b"{'a': 1}", b'{"a": ' * 100_000],
    ids=lambda value: repr(value[:12]),
)
def test_what_is_no_json_object_is_refused(config: Path, text: bytes) -> None:
    config.write_bytes(text)
    said = problem(config)
    assert "is not a JSON object of settings" in said
    assert str(config) in said


def test_bytes_that_are_no_text_are_refused(config: Path) -> None:
    config.write_bytes(b'{"REGISTRYWATCH_TABLE": "\xff"}')
    assert "can't be read" in problem(config)


@pytest.mark.parametrize("value", [None, 1.5, {}, {"a": 1}, [1], [["a"]], [None]], ids=json.dumps)
def test_a_value_of_another_type_is_refused(config: Path, value: object) -> None:
    config.write_text(json.dumps({THRESHOLD: value}))
    assert f"{THRESHOLD} must be a string, a whole number, true, false or a list" in problem(config)


@pytest.mark.parametrize("name", ["IGNORE_ACTORS", "PATH", "", CONFIG])
def test_only_settings_may_be_in_it_and_no_further_file(config: Path, name: str) -> None:
    config.write_text(json.dumps({name: "x"}))
    assert f"{name!r} is not a setting that it may hold" in problem(config)


@pytest.mark.parametrize(
    "body",
    [
        '{"%s": "T0SECRET"}',
        '{"%s": {"T0SECRET": 1}}',
        '{"%s": "T0SECRET"',
        '{"%s": "https://[T0SECRET]/"}',
        '{"%s": ["ftp://T0SECRET"]}',
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_secret_in_it_is_never_shown(config: Path, body: str, in_file: bool) -> None:
    text = body % SLACK
    config.write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.parse({CONFIG: str(config) if in_file else text})
    assert "T0SECRET" not in str(caught.value)
