"""Logs where they are: buckets of S3 and containers of Azure Storage, and the engines over them.

To add a kind of address: a module beside these with its `Kind`, and its line in `KINDS`.
"""

from registrywatch.sources.remote import athena, blobs, buckets, log_analytics
from registrywatch.sources.remote.kind import Kind, Wanted

__all__ = ["KINDS", "Kind", "Wanted", "kind_of"]

KINDS: tuple[Kind, ...] = (
    buckets.S3,
    blobs.AZURE,
    athena.ATHENA,
    log_analytics.LOG_ANALYTICS,
)


def kind_of(address: str) -> Kind | None:
    """The kind of a remote address; None where it is a path on this machine."""
    return next((kind for kind in KINDS if address.startswith(f"{kind.scheme}://")), None)
