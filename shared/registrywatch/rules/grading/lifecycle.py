"""How much a lifecycle policy of ECR takes away: its worst rule decides."""

import msgspec

from registrywatch.rules.grading.policy_json import (
    Grade,
    NotUnderstood,
    as_list,
    as_object,
    as_texts,
    parse,
    worst,
)
from registrywatch.rules.wording import counted, listed, shown
from registrywatch.severity import Severity

FEW_IMAGES = 5  # a rule that keeps no more than these leaves next to nothing
FEW_DAYS = 7


class _Selection(msgspec.Struct, frozen=True):
    """What a rule takes. `everything`: tagged images, whatever their tags; `tagged`: some."""

    tagged: bool
    everything: bool
    soon: bool
    told: str


def grade_lifecycle(text: str | None) -> tuple[Severity, tuple[str, ...]]:
    """How bad the policy is, and why; a policy or rule that can't be read is high."""
    try:
        rules = as_list(parse(text).get("rules"), "rules")
    except NotUnderstood as why:
        return Severity.HIGH, (f"The policy can't be read: {why}.",)
    if not rules:
        return Severity.LOW, ("The policy has no rule: it takes nothing.",)
    return worst(map(_grade, rules))


def _grade(rule: object) -> Grade:
    try:
        return _grade_understood(as_object(rule, "it"))
    except NotUnderstood as why:
        return Grade(Severity.HIGH, f"{_called(rule)} can't be read: {why}.")


def _grade_understood(rule: dict[str, object]) -> Grade:
    selection = _selection(as_object(rule.get("selection"), "selection"))
    action = _word(as_object(rule.get("action"), "action"), "type", "expire", "transition")
    expires = action == "expire"
    if selection.everything and selection.soon:
        severity = Severity.HIGH if expires else Severity.MEDIUM
    else:
        severity = Severity.MEDIUM if selection.tagged and expires else Severity.LOW
    done = "expires" if expires else "moves to the archive"
    return Grade(severity, f"{_called(rule)} {done} {selection.told}.")


def _selection(selection: dict[str, object]) -> _Selection:
    status = _word(selection, "tagStatus", "any", "tagged", "untagged")
    counting = _word(selection, "countType", "imageCountMoreThan", *_AGES)
    number = selection.get("countNumber")
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotUnderstood("countNumber is no whole number")
    if counting in _AGES:
        if "countUnit" in selection:
            _word(selection, "countUnit", "days")
        soon, when = number <= FEW_DAYS, f"{_AGES[counting]} more than {counted(number, 'day')} ago"
    else:
        soon, when = number <= FEW_IMAGES, f"beyond the newest {number}"
    patterns = _patterns(selection) if status == "tagged" else ()
    tags = f" with tags like {listed(patterns)}" if patterns else ""
    what = "images of any kind" if status == "any" else f"{status} images"
    return _Selection(
        tagged=status != "untagged",
        everything=status == "any" or (status == "tagged" and all(map(_is_all, patterns))),
        soon=soon,
        told=f"{what}{tags} {when}",
    )


# spelled as the documents do, told as people do
_AGES = {
    "sinceImagePushed": "pushed",
    "sinceImagePulled": "pulled last",
    "sinceImageTransitioned": "archived",
}


def _patterns(selection: dict[str, object]) -> tuple[str, ...]:
    """The patterns that tags must match, all of them: ECR joins the list by "and"."""
    patterns: tuple[str, ...] = ()
    if selection.get("tagPatternList"):
        patterns += as_texts(selection["tagPatternList"], "tagPatternList")
    if selection.get("tagPrefixList"):
        prefixes = as_texts(selection["tagPrefixList"], "tagPrefixList")
        patterns += tuple(f"{prefix}*" for prefix in prefixes)
    return patterns


def _is_all(pattern: str) -> bool:
    return bool(pattern) and not pattern.strip("*")


def _word(part: dict[str, object], name: str, *known: str) -> str:
    """The value of `name` in the spelling of the one of `known` that it is, whatever its case."""
    value = part.get(name)
    if isinstance(value, str):
        for word in known:
            if word.casefold() == value.casefold():
                return word
        raise NotUnderstood(f"{name} {shown(value)!r} is unknown")
    raise NotUnderstood(f"{name} is missing or no text")


def _called(rule: object) -> str:
    priority = rule.get("rulePriority") if isinstance(rule, dict) else None
    known = isinstance(priority, int) and not isinstance(priority, bool)
    return f"The rule of priority {shown(str(priority))}" if known else "A rule without a priority"
