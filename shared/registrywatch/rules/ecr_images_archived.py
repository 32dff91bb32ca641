"""Images are moved to the archive, from where nothing can pull them."""

from registrywatch.events import ImagesArchived, RegistryEvent
from registrywatch.rules.rule import (
    Counting,
    Crossing,
    Grade,
    Mitre,
    Rule,
    Seen,
    Trust,
    alarming_caller,
    worst_caller,
)
from registrywatch.rules.sightings import exempt
from registrywatch.severity import Severity


def _archived(event: RegistryEvent, trust: Trust) -> Seen | None:
    """The images archived; the flag: a protected tag was among them."""
    what = event.what
    if not isinstance(what, ImagesArchived) or exempt(event):
        return None
    images = what.images or ((event.key,) if what.omitted else ())
    return images, bool(trust.protected_among(what.tags))


def _protected(event: RegistryEvent, trust: Trust) -> Seen | None:
    found = _archived(event, trust)
    return found if found and found[1] else None


def _by_stranger(event: RegistryEvent, trust: Trust) -> Seen | None:
    """What the root user or a foreign account archived; one image is enough."""
    return _archived(event, trust) if alarming_caller(event, trust) else None


def _graded(severity: Severity, crossing: Crossing, trust: Trust) -> Grade:
    reasons = ["Archiving is one step lower than deleting: the images can be restored."]
    if crossing.flagged:
        severity = severity.one_step_higher()
        reasons.append("Protected tags are among them, one step higher.")
    if worse := worst_caller(crossing.events, trust):
        severity = max(severity, Severity.MEDIUM)
        reasons += worse
    return Grade(severity, tuple(reasons))


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    return _graded(Severity.LOW, crossing, trust)


def _grade_many(crossing: Crossing, trust: Trust) -> Grade:
    return _graded(Severity.MEDIUM, crossing, trust)


def _grade_single(crossing: Crossing, trust: Trust) -> Grade:
    return _graded(Severity.INFORMATIONAL, crossing, trust)


_DONE = "archived {}"

ECR_IMAGES_ARCHIVED = Rule(
    name="ecr-images-archived",
    title="Images Archived",
    cloud="aws",
    mitre=(Mitre("TA0040", "T1490"),),
    reads=(ImagesArchived,),
    description=(
        "One actor moved many distinct images to ECR's archive within the window. Reaching the "
        "threshold is low, 50 images are medium; with a protected tag among them it is one step "
        "higher. A single image with a protected tag is low. By a foreign account or the root user "
        "it is at least medium, even for a single image."
    ),
    impact=(
        "Archived images can't be pulled or scanned until they are restored: new nodes, restarts "
        "and roll-backs fail."
    ),
    mitigation=(
        "Find out whether anything runs or restarts from these images. If it was not meant, remove "
        "the actor's right to change the storage class, and restore the images."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html",
    ),
    harmless=("Old images are archived to save costs.",),
    counting=Counting(
        sightings=_archived,
        done={
            "images": _DONE,
            "repositories": "archived images of {}",
            "calls": "archived images {}",
        },
        threshold=10,
        grade=_grade,
        window_seconds=3600,
    ),
    further=(
        Counting(
            sightings=_archived,
            done={"images": _DONE},
            threshold=50,
            grade=_grade_many,
            window_seconds=3600,
        ),
        Counting(
            sightings=_protected,
            done={"images": _DONE},
            threshold=1,
            grade=_grade_single,
            window_seconds=3600,
        ),
        Counting(
            sightings=_by_stranger,
            done={"images": _DONE},
            threshold=1,
            grade=_grade_single,
            window_seconds=3600,
        ),
    ),
)
