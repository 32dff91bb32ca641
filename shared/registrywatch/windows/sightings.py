"""What is counted, as 64 bits: the form in which every store keeps a sighting.

    20 bits  of the hash of the registry and repository in which it was
    43 bits  of a digest, or of the hash of a tag or of a call's id
     1 bit   its kind: 0 exact, 1 perhaps a part of an image (see `meaning.py`)

At the highest threshold a window may hold 24,000 sightings. If all are of one repository, the
chance that any two of them are the same, so that one is not counted, is 3 in 10**5; at the default
threshold of 100 it is 5 in 10**9.
"""

from registrywatch.digests import blake2b

FORM = "2"
"""The version of this form. Sightings of different versions are never counted together."""

PART = 1
"""The bit that is set if a sighting may be a part of an image."""

_IMAGE = (1 << 44) - 2
_REPOSITORY = ((1 << 64) - 1) ^ _IMAGE ^ PART
_DIGEST = "sha256:"
_DIGEST_LENGTH = len(_DIGEST) + 64


def repository_hash(registry: str, repository: str) -> int:
    """The 64 bits that stand for a repository in stores."""
    return int.from_bytes(hashed(registry, repository, size=8))


def of_image(repository: int, image: str, part: bool = False) -> int:
    """The sighting of an image, a digest or a tag, in the repository of that hash.

    A digest is already a hash, so its own bits are used.
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
    """The bits that identify the repository of a sighting or of a repository's hash."""
    return sighting & _REPOSITORY


def hashed(*of: str, size: int) -> bytes:
    """A hash of the parts, `size` bytes long."""
    # With their lengths: otherwise a caller could choose different names with the same joined text.
    text = "".join([f"{len(part)}:{part}" for part in of]).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=size).digest()


def _bits_of_digest(digest: str) -> int | None:
    if len(digest) != _DIGEST_LENGTH:
        return None
    try:
        return int(digest[len(_DIGEST) : len(_DIGEST) + 16], 16)
    except ValueError:
        return None
