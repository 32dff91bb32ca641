"""What is counted, as 64 bits: the form in which every store keeps a sighting.

    20 bits  of the hash of the repository and its registry: in which repository it was
    43 bits  what makes it distinct there: of a digest, of the hash of a tag or of a call's id
     1 bit   its kind: 0 exact, 1 maybe a part of an image (see `meaning.py`)

At the highest threshold a window may hold 24,000 sightings. If all are of one repository, the
chance that any two of them are the same, so that one is not counted, is 3 in 10**5; at the default
threshold of 100 it is 5 in 10**9.
"""

import hashlib

FORM = "2"
"""The version of this form. Sightings of another one are never counted together with these."""

PART = 1
"""The bit that is set where a sighting may be a part of an image."""

_IMAGE = (1 << 44) - 2
_REPOSITORY = ((1 << 64) - 1) ^ _IMAGE ^ PART
_DIGEST = "sha256:"
_DIGEST_LENGTH = len(_DIGEST) + 64


def repository_hash(registry: str, repository: str) -> int:
    """A repository, as stores keep it: 64 bits."""
    return int.from_bytes(hashed(registry, repository, size=8))


def of_image(repository: int, image: str, part: bool = False) -> int:
    """The sighting of an image, a digest or a tag, in the repository of that hash.

    A digest is a hash already, so its own bits are taken.
    """
    bits = _bits_of_digest(image) if image.startswith(_DIGEST) else None
    if bits is None:
        bits = int.from_bytes(hashed(image, size=8))
    return (repository & _REPOSITORY) | ((repository ^ bits) & _IMAGE) | (PART if part else 0)


def of_repository(repository: int) -> int:
    """The sighting of the repository itself."""
    return repository & ~PART


def of_call(repository: int, key: str) -> int:
    """The sighting of a call in the repository of that hash, by the key of its event."""
    return of_image(repository, key)


def repository_of(sighting: int) -> int:
    """The bits that tell in which repository a sighting, or a repository's hash, lies."""
    return sighting & _REPOSITORY


def hashed(*of: str, size: int) -> bytes:
    """`size` bytes that differ, for all practical purposes, wherever any of the parts does."""
    # with their lengths: else a caller could choose names that run together to one and the same
    text = "".join([f"{len(part)}:{part}" for part in of]).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=size).digest()


def _bits_of_digest(digest: str) -> int | None:
    if len(digest) != _DIGEST_LENGTH:
        return None
    try:
        return int(digest[len(_DIGEST) : len(_DIGEST) + 16], 16)
    except ValueError:
        return None
