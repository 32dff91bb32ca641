"""What happens to images: they are pulled, pushed, deleted, archived; or the call is refused."""

from typing import Literal

import msgspec


class Pull(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """Images read from one repository: digests, or tags where the source gives no digest.

    Images that were not found, according to the response, are left out. `asked` is how many ids the
    call named, if that is more than `images`. `omitted`: which images the call read is withheld.
    """

    images: tuple[str, ...]
    asked: int = 0
    omitted: bool = False

    @property
    def alone(self) -> bool:
        """Whether the call asked for one image only, as docker and containerd do."""
        return len(self.images) <= 1 and self.asked <= 1


class Push(msgspec.Struct, frozen=True, gc=False):
    """A manifest was pushed. Without a tag it is a part of a multi-platform image.

    `omitted`: the digest and the tag are withheld; there may have been a tag.
    """

    digest: str | None
    tag: str | None
    omitted: bool = False


class ImagesDeleted(msgspec.Struct, frozen=True):
    """Images that were deleted, without those that failed.

    `images` are distinct digests (tags if no digest is known), `tags` all tags that were deleted
    with them. `expired`: a lifecycle policy did it; `run` then identifies the run of the policy,
    which AWS may spread over several records: "<policyId> <lastEvaluatedAt>". `request`: Azure's id
    of the deleting request. `omitted`: which images were deleted, or how many, is withheld.
    """

    images: tuple[str, ...]
    tags: tuple[str, ...] = ()
    expired: bool = False
    request: str | None = None
    run: str | None = None
    omitted: bool = False


class ImagesArchived(msgspec.Struct, frozen=True):
    """ECR: images were moved to the archive, where they cannot be pulled or scanned.

    `images` and `tags` as in `ImagesDeleted`; `omitted`: which images were archived is withheld.
    """

    images: tuple[str, ...]
    tags: tuple[str, ...] = ()
    omitted: bool = False


class CallDenied(msgspec.Struct, frozen=True):
    """A call that was refused, and so changed nothing. `action` is the API's name of the call.

    "denied": the caller lacked the right. "tag-immutable": the tag exists and may not be moved.
    """

    action: str
    repository: str | None
    reason: Literal["denied", "tag-immutable"]
