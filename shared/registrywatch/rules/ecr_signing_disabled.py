"""Images are no longer signed, or are signed with another account's profile."""

import msgspec

from registrywatch.events import (
    RegistryEvent,
    SigningDeleted,
    SigningProfileEnded,
    SigningRule,
    SigningSet,
)
from registrywatch.globs import matches_everything
from registrywatch.rules.rule import Finding, LastOfItsKind, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, shown
from registrywatch.severity import Severity

type Change = SigningSet | SigningDeleted | SigningProfileEnded


def _judge(event: RegistryEvent, change: Change, trust: Trust) -> Finding | None:
    match change:
        case SigningSet():
            return _signing(event, change, trust)
        case SigningDeleted():
            why = "ECR does not sign images that are pushed from now on."
            return Finding(Severity.HIGH, "deleted the signing configuration", (why,))
        case SigningProfileEnded():
            profile = shown(change.profile or "that the event does not name")
            if change.revoked:
                why = "Signatures made with it are no longer valid."
                return Finding(Severity.MEDIUM, f"revoked the signing profile {profile}", (why,))
            why = "Nothing can be signed with it any more."
            return Finding(Severity.MEDIUM, f"cancelled the signing profile {profile}", (why,))


def _signing(event: RegistryEvent, change: SigningSet, trust: Trust) -> Finding | None:
    did = "replaced the signing configuration"
    if change.omitted:
        why = "CloudTrail withheld the new configuration: it may sign nothing."
        return Finding(Severity.HIGH, did, (why,))
    foreign = [
        rule.profile for rule in change.rules if rule.profile and _is_foreign(rule, event, trust)
    ]
    if foreign:
        why = "The signing profile belongs to another account, which is not trusted."
        profiles = listed(foreign)
        return Finding(Severity.CRITICAL, f"{did}: images are signed by {profiles}", (why,))
    if not change.rules:
        why = "No rule is left: nothing is signed."
        return Finding(Severity.MEDIUM, f"{did}: nothing is signed", (why,))
    filters = _filters(change)
    if filters is None:
        return None
    signed = listed(filters) or "nothing"
    if change.before is not None:
        lost = [each for each in change.before if not set(filters) & {each, "*"}]
        if not lost:
            return None
        why = f"No longer signed: {listed(lost)}. Still signed: {signed}."
        return Finding(Severity.MEDIUM, f"{did}: {listed(lost)} is no longer signed", (why,))
    why = f"Not every repository is signed. Signed: {signed}. The previous rules are not known."
    return Finding(Severity.MEDIUM, f"{did}: only {signed} is signed", (why,))


def _is_foreign(rule: SigningRule, event: RegistryEvent, trust: Trust) -> bool:
    fields = (rule.profile or "").split(":", 5)
    return len(fields) < 6 or not trust.owns(fields[4], event)


def _filters(change: SigningSet) -> tuple[str, ...] | None:
    """The filters of all rules; None if every repository is signed."""
    if any(not rule.filters for rule in change.rules):
        return None
    filters = tuple(name for rule in change.rules for name in rule.filters)
    return None if any(map(matches_everything, filters)) else filters


def _subject(event: RegistryEvent, change: Change) -> str | None:
    known = isinstance(change, SigningSet) and not change.omitted
    return f"signing of {event.registry}" if known else None


def _state(change: Change) -> str:
    filters = _filters(change) if isinstance(change, SigningSet) else ()
    return msgspec.json.encode(("*",) if filters is None else filters).decode()


def _with_last(change: Change, last: str) -> Change:
    if not isinstance(change, SigningSet):
        return change
    before = msgspec.json.decode(last, type=tuple[str, ...])
    return msgspec.structs.replace(change, before=before)


ECR_SIGNING_DISABLED = Rule[Change](
    name="ecr-signing-disabled",
    title="Image Signing Disabled",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1553"),),
    reads=(SigningSet, SigningDeleted, SigningProfileEnded),
    description=(
        "Managed signing of images was reduced. Critical: images are signed with a profile of "
        "another account that is not trusted. High: the signing configuration was deleted. Medium: "
        "it has no rules, or its filters cover fewer repositories than before (or not all, if the "
        "previous configuration is not known), or a signing profile of AWS Signer was revoked or "
        "cancelled."
    ),
    impact=(
        "By the signature clusters distinguish your images from others. Without it, admission "
        "checks fail or are switched off; with another account's profile, an intruder's images "
        "pass."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, restore the configuration. Compare the "
        "digests of the images that were pushed in the meantime with those of your builds, then "
        "sign them."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutSigningConfiguration.html",
    ),
    harmless=(
        "Signing is introduced repository by repository.",
        "A signing profile is replaced by a new one.",
    ),
    judge=_judge,
    remembers=LastOfItsKind(_subject, _state, _with_last),
)
