"""How much an ECR lifecycle policy removes: its rules are judged together.

Facts (Amazon ECR guide, "Lifecycle policy properties" and "How lifecycle policies work"): a list of
tag patterns or prefixes selects images with tags for *all* of them. Rules apply by priority, lowest
number first. An image that one rule selects by its tags is out of reach for all later rules, even
if that rule keeps it. Rules on `sinceImageTransitioned` concern archived images alone.

So the policy is tried on sample images: ordinary tags, protected tags, and the tags that the
policy itself names, protected ones among them (`prod-eu-*` with the protected `prod*`). The
severity depends on which rule decides on each sample and how much that rule leaves. Of rules
without a priority, or with the same one, none is taken to shield another.
"""

import functools
import itertools
from collections.abc import Sequence

import msgspec

from registrywatch.globs import Globs, common_name, matches
from registrywatch.rules.grading.policy_json import (
    Grade,
    Judgement,
    NotUnderstood,
    as_list,
    as_object,
    as_texts,
    parse,
    worst,
)
from registrywatch.rules.wording import listed, number_of, shown
from registrywatch.severity import Severity

FEW_IMAGES, FEW_DAYS = 5, 7  # a rule that leaves no more than these leaves almost nothing
MANY_IMAGES, MANY_DAYS = 20, 30  # one that leaves this much is ordinary housekeeping

_FILLERS = ("1", "", "-x")  # what may stand where a pattern and a protected glob leave it open
_LONGEST_TAG = 128  # characters (ECR's API reference)

Image = tuple[str, ...]  # a sample image by its tags


class LifecycleRule(msgspec.Struct, frozen=True):
    """One rule that could be read. `patterns`: globs; an image needs a matching tag for each.

    `leaves_little`, `leaves_much`: by the bounds above. `does` is what it does, as a clause.
    """

    priority: int | None
    expires: bool
    tagged: bool
    archived: bool
    patterns: tuple[str, ...]
    leaves_little: bool
    leaves_much: bool
    called: str
    does: str

    def selects(self, image: Image) -> bool:
        """Whether its tag requirements select the image."""
        return self.tagged and all(
            any(matches(pattern, tag) for tag in image) for pattern in self.patterns
        )


def grade_lifecycle(text: str | None, protected: Globs) -> Judgement:
    """How bad the policy is, and why; a policy or rule that cannot be read is high."""
    try:
        documents = as_list(parse(text).get("rules"), "rules")
    except NotUnderstood as why:
        reason = f"The policy cannot be read: {why}."
        return Judgement(Severity.HIGH, (reason,), "it cannot be read")
    if not documents:
        reason = "The policy has no rule: it removes nothing."
        return Judgement(Severity.LOW, (reason,), "it removes nothing")
    rules: list[LifecycleRule] = []
    grades: list[Grade] = []
    for document in documents:
        try:
            rules.append(_rule(as_object(document, "it")))
        except NotUnderstood as why:
            called = _called(_priority(document))
            reason = f"{called} cannot be read: {why}."
            grades.append(Grade(Severity.HIGH, reason, f"{_clause(called)} cannot be read"))
    return worst(grades + _grades(rules, protected))


def _grades(rules: Sequence[LifecycleRule], protected: Globs) -> list[Grade]:
    ordinary = [_deciding(rules, image) for image in _ordinary()]
    takes_all = all(any(rule.leaves_little for rule in deciding) for deciding in ordinary)
    expires_all = all(
        any(rule.leaves_little and rule.expires for rule in deciding) for deciding in ordinary
    )
    lost = {
        tag: _deciding(rules, (tag,)) for tag in dict.fromkeys(map(_instance, protected.patterns))
    }
    grades = []
    for rule in rules:
        losing = [tag for tag, deciding in lost.items() if rule in deciding]
        losing = losing or _own_protected(rule, rules, protected)
        takes_part = takes_all and any(rule in deciding for deciding in ordinary)
        severity, why = _severity(rule, rules, takes_part, expires_all, losing)
        sentence = f"{rule.called} {rule.does}{why}."
        grades.append(Grade(severity, sentence, f"it {rule.does}{why}"))
    return grades


def _severity(
    rule: LifecycleRule,
    rules: Sequence[LifecycleRule],
    takes_part: bool,
    expires_all: bool,
    losing: Sequence[str],
) -> tuple[Severity, str]:
    grave = Severity.HIGH if rule.expires else Severity.MEDIUM
    everything = all(rule.selects(image) for image in _ordinary())
    if rule.leaves_little and losing:
        lost = f", including images with protected tags ({listed(losing)})"
        return grave, "" if everything else lost
    if rule.leaves_little and takes_part and (expires_all or not rule.expires):
        return grave, "" if everything else "; together with other rules it covers every tag"
    reached = rule in _deciding(rules, _own_image(rule))
    if rule.tagged and rule.expires and not rule.leaves_much and reached:
        return Severity.MEDIUM, ""
    return Severity.LOW, ""


def _own_protected(
    rule: LifecycleRule, rules: Sequence[LifecycleRule], protected: Globs
) -> list[str]:
    """A protected tag that the rule's own patterns select, and on which it decides; or none."""
    if not rule.leaves_little:
        return []
    for pattern, glob, filler in itertools.product(rule.patterns, protected.patterns, _FILLERS):
        if len(pattern.replace("*", "")) <= _LONGEST_TAG:
            tag = common_name(pattern, glob, filler)
            if tag and rule in _deciding(rules, (tag,)):
                return [tag]
    return []


def _deciding(rules: Sequence[LifecycleRule], image: Image) -> list[LifecycleRule]:
    """The rules that decide on an image, and, once it is archived, on the archived image."""
    found = []
    for archived in (False, True):
        selecting = [rule for rule in rules if rule.archived is archived and rule.selects(image)]
        first = min(
            (each.priority for each in selecting if each.priority is not None), default=None
        )
        found += [rule for rule in selecting if rule.priority in (None, first)]
    return found


@functools.cache
def _ordinary() -> tuple[Image, ...]:
    """Images with one tag each, which begin and end with every letter and digit."""
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    return tuple((f"{first}.7-x{letters[(at * 7 + 3) % 36]}",) for at, first in enumerate(letters))


def _own_image(rule: LifecycleRule) -> Image:
    return tuple(map(_instance, rule.patterns)) or ("x",)


def _instance(pattern: str) -> str:
    """A tag that matches the glob: "prod*" gives "prod1"."""
    return pattern.replace("*", "1").replace("?", "1")


def _rule(rule: dict[str, object]) -> LifecycleRule:
    selection = as_object(rule.get("selection"), "selection")
    action = _word(as_object(rule.get("action"), "action"), "type", "expire", "transition")
    status = _word(selection, "tagStatus", "any", "tagged", "untagged")
    counting = _word(selection, "countType", "imageCountMoreThan", *_AGES)
    number = selection.get("countNumber")
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotUnderstood("countNumber is no whole number")
    if counting in _AGES:
        if "countUnit" in selection:
            _word(selection, "countUnit", "days")
        when = f"{_AGES[counting]} more than {number_of(number, 'day')} ago"
        few, many = FEW_DAYS, MANY_DAYS
    else:
        when, few, many = f"beyond the newest {number}", FEW_IMAGES, MANY_IMAGES
    patterns = _patterns(selection) if status == "tagged" else ()
    tags = f" with tags like {listed(patterns)}" if patterns else ""
    what = "images of any kind" if status == "any" else f"{status} images"
    priority = _priority(rule)
    return LifecycleRule(
        priority=priority,
        expires=action == "expire",
        tagged=status != "untagged",
        archived=_is_of_archived(selection, counting),
        patterns=patterns,
        leaves_little=number <= few,
        leaves_much=number >= many,
        called=_called(priority),
        does=f"{'expires' if action == 'expire' else 'archives'} {what}{tags} {when}",
    )


# countType in the policy: the word for it in a sentence
_AGES = {
    "sinceImagePushed": "pushed",
    "sinceImagePulled": "last pulled",
    "sinceImageTransitioned": "archived",
}


def _is_of_archived(selection: dict[str, object], counting: str) -> bool:
    if selection.get("storageClass") is None:
        return counting == "sinceImageTransitioned"
    return _word(selection, "storageClass", "standard", "archive") == "archive"


def _patterns(selection: dict[str, object]) -> tuple[str, ...]:
    patterns: tuple[str, ...] = ()
    if selection.get("tagPatternList"):
        patterns += as_texts(selection["tagPatternList"], "tagPatternList")
    if selection.get("tagPrefixList"):
        prefixes = as_texts(selection["tagPrefixList"], "tagPrefixList")
        patterns += tuple(f"{prefix}*" for prefix in prefixes)
    return patterns


def _word(part: dict[str, object], name: str, *known: str) -> str:
    """The value of `name`, compared without regard to case, in the spelling of `known`."""
    value = part.get(name)
    if isinstance(value, str):
        for word in known:
            if word.casefold() == value.casefold():
                return word
        raise NotUnderstood(f"{name} {shown(value)!r} is unknown")
    raise NotUnderstood(f"{name} is missing or no text")


def _priority(rule: object) -> int | None:
    priority = rule.get("rulePriority") if isinstance(rule, dict) else None
    return priority if isinstance(priority, int) and not isinstance(priority, bool) else None


def _called(priority: int | None) -> str:
    if priority is None:
        return "A rule without a priority"
    return f"The rule of priority {shown(str(priority))}"


def _clause(called: str) -> str:
    return called[0].lower() + called[1:]
