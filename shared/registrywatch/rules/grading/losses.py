"""How bad it is to lose images, by their number and their tags."""

from collections.abc import Iterable

from registrywatch.rules.rule import Trust
from registrywatch.severity import Severity

SOME, MANY = 10, 50  # images: the least numbers for medium and for high


def by_number(images: int, *, omitted: bool) -> tuple[Severity, list[str]]:
    """The severity of losing this many distinct images at once; `omitted`: perhaps many more."""
    if omitted:
        return Severity.HIGH, ["CloudTrail withheld the list of images: there may be many."]
    if images >= MANY:
        return Severity.HIGH, [f"{MANY} images or more at once are high."]
    if images >= SOME:
        return Severity.MEDIUM, [f"{SOME} to {MANY - 1} images at once are medium."]
    return Severity.LOW, [f"Fewer than {SOME} images at once are low."]


def protected_among(tags: Iterable[str], trust: Trust) -> tuple[str, ...]:
    """Those of the tags that the user's settings protect."""
    return tuple(tag for tag in tags if tag in trust.protected_tags)
