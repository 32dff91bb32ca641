"""How rules put text from events into sentences: cut to a length, and always encodable."""

from collections.abc import Iterable

from registrywatch.events import RegistryEvent

MOST_LISTED = 5
MOST_CHARACTERS = 256  # the longest name that ECR gives a repository


def shown(text: str) -> str:
    """Untrusted text, cut to a length that fits into a sentence; lone surrogates are removed."""
    cut = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")


def listed(texts: Iterable[str]) -> str:
    """The first few of `texts`, and how many more there are: "a, b, c, d, e and 3 more"."""
    distinct = tuple(dict.fromkeys(texts))
    named = ", ".join(map(shown, distinct[:MOST_LISTED]))
    more = len(distinct) - MOST_LISTED
    return f"{named} and {more} more" if more > 0 else named


def number_of(number: int, thing: str) -> str:
    """A number and a noun: "1 image", "2 repositories", "1,200 images"."""
    if number == 1:
        return f"1 {thing}"
    several = f"{thing.removesuffix('y')}ies" if thing.endswith("ry") else f"{thing}s"
    return f"{number:,} {several}"


def part_of_registry(resource: str) -> str:
    """The names along an Azure resource id: "shop" for a registry, "shop/ci" for its token."""
    parts = resource.strip("/").split("/")
    names = parts[parts.index("registries") + 1 :: 2] if "registries" in parts else parts[-1:]
    return "/".join(names)


def named(event: RegistryEvent) -> str:
    """The event's repository, for a sentence."""
    return shown(event.repository or "a repository that the event does not name")


def the_repository(event: RegistryEvent) -> str:
    """The same with its kind before its name: "the repository prod/api"."""
    return f"the repository {named(event)}" if event.repository else named(event)
