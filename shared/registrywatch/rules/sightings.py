"""Which images an event shows, for the rules that count.

What AWS itself does is not counted: calls by a service under its own name, or by a service-linked
role of the registry's own account, which IAM lets no other principal assume or create. `invokedBy`
alone exempts no caller: callers can make a service act for them.
"""

import functools
import re

from registrywatch.events import ImagesDeleted, Pull, Push, RegistryEvent, RepositoryDeleted
from registrywatch.rules.rule import Seen, Trust

RESOURCE_LOG = "resource-log"
"""The `source` of events that are read from Azure's resource logs."""

_OF_SERVICES = ":role/aws-service-role/"
_SERVICE_LINKED = r"(?a)arn:[\w-]+:iam::(\d+):role/aws-service-role/[^/]+/AWSServiceRoleFor[^/]*"
_PART_OF_IMAGE = r"(?a)(sha256-)?[0-9a-f]{64}(\.(sig|att|sbom))?"
"""Tags that cosign, notation and others give to what belongs to an image; and bare digests, which
kaniko gives to the layers of its cache."""
_SHORTEST_PART = 64  # ordinary tags are shorter, and need no pattern


def exempt(event: RegistryEvent) -> bool:
    """Whether AWS itself acted."""
    actor = event.actor
    if actor.type == "AWSService":
        return True
    if actor.id is None or _OF_SERVICES not in actor.id:
        return False
    role = re.fullmatch(_SERVICE_LINKED, actor.id)
    return role is not None and role[1] == event.account


def pulled(event: RegistryEvent, _: Trust) -> Seen | None:
    """The images read; the flag: one digest alone, which may be a part of an image.

    None if another account owns the registry: its own trail counts them.
    """
    pull, actor = event.what, event.actor
    if type(pull) is not Pull or actor.type == "AWSService":
        return None
    if actor.id is not None and _OF_SERVICES in actor.id and exempt(event):
        return None
    if event.seen_in is not None and event.seen_in != event.account:
        return None
    if pull.omitted:
        return (event.key,), False
    return _shown(pull)


@functools.lru_cache(4096)
def _shown(pull: Pull) -> Seen:
    """One object for one pull: what it is looked up by is then compared without its texts."""
    images = pull.images
    if len(images) != 1 or pull.asked > 1:
        return images, False
    return images, images[0].startswith("sha256:")


def pushed(event: RegistryEvent, _: Trust) -> Seen | None:
    """The image that got a tag, by its digest; if that is omitted, by its call.

    Untagged manifests are parts of an image of several platforms; signatures, attestations and
    SBOMs are parts of the image that their tag names; layers of a build cache are parts too.
    """
    push = event.what
    if not isinstance(push, Push) or event.source == RESOURCE_LOG or exempt(event):
        return None
    return _tagged(push, event)


def pushed_by_name(event: RegistryEvent, _: Trust) -> Seen | None:
    """The image pushed, from Azure's resource log. The log names the identity, but lacks imports
    and builds: pushes are counted from Event Grid alone, and this shows who pushed.
    """
    push = event.what
    if not isinstance(push, Push) or event.source != RESOURCE_LOG or not event.actor.id:
        return None
    return _tagged(push, event)


def _tagged(push: Push, event: RegistryEvent) -> Seen | None:
    if push.omitted:
        return (event.key,), False
    if not push.tag or _is_part(push.tag):
        return None
    return (push.digest or push.tag,), False


def _is_part(tag: str) -> bool:
    return len(tag) >= _SHORTEST_PART and re.fullmatch(_PART_OF_IMAGE, tag) is not None


def protected_push(event: RegistryEvent, trust: Trust) -> str | None:
    """The protected tag that was pushed, if it is one."""
    tag = event.what.tag if isinstance(event.what, Push) else None
    return tag if tag is not None and tag in trust.protected_tags else None


def deleted(event: RegistryEvent, trust: Trust) -> Seen | None:
    """The images that an actor deleted; the flag: they had a protected tag."""
    what = event.what
    if not isinstance(what, ImagesDeleted) or what.expired or exempt(event):
        return None
    images = what.images or ((event.key,) if what.omitted else ())
    return images, lost_protected_tag(event, trust)


def deleted_together(event: RegistryEvent, _: Trust) -> Seen | None:
    """The images beyond the first that one Azure request deleted: perhaps parts of the first."""
    what = event.what
    if not isinstance(what, RepositoryDeleted) or not what.assumed:
        return None
    return what.images, False


def expired(event: RegistryEvent, trust: Trust) -> Seen | None:
    """The images that a lifecycle policy expired; the flag: they had a protected tag."""
    what = event.what
    if not isinstance(what, ImagesDeleted) or not what.expired:
        return None
    images = what.images or ((event.key,) if what.omitted else ())
    return images, lost_protected_tag(event, trust)


def lost_protected_tag(event: RegistryEvent, trust: Trust) -> bool:
    """Whether a protected tag was deleted."""
    tags = event.what.tags if isinstance(event.what, ImagesDeleted) else ()
    return bool(trust.protected_among(tags))
