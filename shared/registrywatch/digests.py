"""Short digests of texts: BLAKE2b, of as many bytes as a caller wants."""

try:
    # What hashlib.blake2b is. hashlib itself loads OpenSSL, which takes 3 % of a cold start.
    from _blake2 import blake2b
except ImportError:  # an interpreter that keeps it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b", "digest"]


def digest(*parts: str, size: int = 16) -> bytes:
    """A digest of `parts`, `size` bytes long, that serves as a short name."""
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=size).digest()
