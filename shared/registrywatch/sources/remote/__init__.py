"""Logs where they are: buckets of S3 and containers of Azure Storage, and the engines over them.

To add a kind of address: a module beside these that finds what an address holds, and its line in
`KINDS`. The module is loaded with the first address of its kind.
"""

import importlib
from collections.abc import Callable
from typing import Any

from registrywatch.extras import needs
from registrywatch.sources.remote.kind import Kind, Wanted

__all__ = ["KINDS", "Kind", "Wanted", "kind_of"]


def _of(module: str, function: str) -> Callable[..., Any]:
    """That function of a module beside this one, which is loaded when it is called."""

    def call(address: str, wanted: Wanted) -> object:
        with needs("remote"):
            found = importlib.import_module(f"{__name__}.{module}")
            return getattr(found, function)(address, wanted)

    return call


KINDS: tuple[Kind, ...] = (
    Kind("s3", "s3://BUCKET/PREFIX", _of("buckets", "find")),
    Kind("az", "az://ACCOUNT/CONTAINER/PREFIX", _of("blobs", "find")),
    Kind("athena", "athena://DATABASE/TABLE", _of("athena", "find"), _of("athena", "plan")),
    Kind(
        "loganalytics",
        "loganalytics://WORKSPACE",
        _of("log_analytics", "find"),
        _of("log_analytics", "plan"),
    ),
)


def kind_of(address: str) -> Kind | None:
    """The kind of a remote address; None where it is a path on this machine."""
    return next((kind for kind in KINDS if address.startswith(f"{kind.scheme}://")), None)
