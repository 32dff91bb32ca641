"""Short digests of texts: BLAKE2b, of as many bytes as a caller wants."""

try:
    # What hashlib.blake2b is. hashlib itself loads OpenSSL, which takes 3 % of a cold start.
    from _blake2 import blake2b
except ImportError:  # an interpreter that keeps it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]
