"""`registrywatch rules`: the catalogue, and one rule whole."""

import json
import re

import pytest

from registrywatch.cli import main
from registrywatch.rules import CATALOGUE, AnyRule, rule_named
from registrywatch.settings.variables import rule_variables

Captured = pytest.CaptureFixture[str]


def squeezed(text: str) -> str:
    """Without the line breaks that the width of the screen brings."""
    return " ".join(text.split())


def test_every_rule_is_listed_with_title_and_mitre(capsys: Captured) -> None:
    assert main(["rules"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(CATALOGUE)
    for row, rule in zip(rows, CATALOGUE, strict=True):
        assert row.startswith(f"{rule.name} ")
        assert rule.title in row
        assert all(f"{mitre.tactic} {mitre.technique}" in row for mitre in rule.mitre)
        assert (" counted " in row) == (rule.counting is not None)


def test_a_rule_that_is_switched_off_is_listed_as_such(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED", "false")
    assert main(["rules"]) == 0
    off = [row for row in capsys.readouterr().out.splitlines() if " off " in row]
    assert [row.split()[0] for row in off] == ["ecr-images-deleted"]


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)
def test_one_rule_is_shown_whole(rule: AnyRule, capsys: Captured) -> None:
    assert main(["rules", rule.name]) == 0
    shown = squeezed(capsys.readouterr().out)
    texts = [rule.name, rule.title, rule.description, rule.impact, rule.mitigation]
    for text in [*texts, *rule.references, *rule.harmless]:
        assert squeezed(text) in shown
    for variable in rule_variables(rule):
        assert f"{variable.name} = " in shown
        assert squeezed(variable.meaning) in shown


def test_settings_are_shown_as_they_are_now(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    name = "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL"
    monkeypatch.setenv(f"{name}_THRESHOLD", "7")
    monkeypatch.setenv(f"{name}_WINDOW_SECONDS", "1200")
    assert main(["rules", "ecr-excessive-image-pull"]) == 0
    shown = capsys.readouterr().out
    for line in (
        f"{name}_ENABLED = true",
        f"{name}_SEVERITY = (not set)",
        f"{name}_IGNORE_ACTORS = (none)",
        f"{name}_THRESHOLD = 7",
        f"{name}_WINDOW_SECONDS = 1200",
        f"{name}_QUIET_SECONDS = 1200",
        f"{name}_GROUP_BY = actor",
    ):
        assert line in shown.splitlines()


def test_a_name_that_is_no_rules_is_wrong_usage_with_a_guess(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["rules", "ecr-image-deleted"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "there is no rule 'ecr-image-deleted'; did you mean ecr-images-deleted?" in said


@pytest.mark.parametrize("argv", [["rules"], ["rules", "ecr-images-deleted"]])
def test_a_setting_that_cannot_be_used_ends_with_2(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_ECR_IMAGES_DELETED_ENABLED", "maybe")
    assert main(argv) == 2
    assert "'maybe' can't be used; it must be true or false" in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("argv", [["rules"], ["rules", "ecr-excessive-image-pull"]])
def test_every_line_fits_the_terminal_and_no_name_or_title_is_cut(
    argv: list[str], width: int, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(argv) == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert all(len(line) <= width for line in shown.splitlines())
    for rule in CATALOGUE if len(argv) == 1 else [rule_named(argv[1])]:
        assert rule.name in shown
        assert rule.title in squeezed(shown)


def test_rules_are_printed_as_json_too(capsys: Captured) -> None:
    assert main(["rules", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == [rule.name for rule in CATALOGUE]
    assert main(["rules", "--json", "ecr-excessive-image-pull"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one in listed
    assert one["settings"]["REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD"] == "100"
    assert (one["counted"], one["enabled"], one["cloud"]) == (True, True, "aws")
