"""`s3://bucket/prefix`: log files in Amazon S3, by the shell's credentials."""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sdk import input_error
from registrywatch.sdk.aws_client import new_client
from registrywatch.sdk.aws_errors import aws_errors
from registrywatch.sources.inputs import Found
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import dates_begin, order, range_of
from registrywatch.sources.remote.ranged import RANGE, Ranged, fetched, kept
from registrywatch.sources.remote.walk import Level, Listed, non_empty, tree

_HINTS = {
    "denied": "access denied; the credentials need s3:ListBucket and s3:GetObject "
    "(and kms:Decrypt where the bucket is encrypted with a key of its own)",
    "NoSuchBucket": "there is no such bucket",
    "missing": "the object is gone",
    "conflict": "the object changed while it was read",
    "PermanentRedirect": "the bucket is in another partition",
    "InvalidObjectState": "the object is archived (Glacier); restore it first",
    "ParamValidationError": "this can't be a bucket of AWS",
}


class S3Object(msgspec.Struct, frozen=True):
    """An object of a bucket."""

    bucket: str
    key: str
    size: int
    version: str = ""
    keep: Path | None = None

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def ahead(self) -> bytes:
        """The first range; nothing where there is a copy of the object."""
        if self.keep is not None:
            return b""
        return fetched(self._fetch, 0, min(RANGE, self.size))

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        """See `Input`."""
        name = f"{self.bucket}/{self.key}"
        return kept(self.keep, name, self.size, lambda: Ranged(self._fetch, self.size, first))

    def _fetch(self, offset: int, size: int, /) -> bytes:
        with _errors():
            answer = _client(os.getpid()).get_object(
                Bucket=self.bucket,
                Key=self.key,
                Range=f"bytes={offset}-{offset + size - 1}",
                **({"IfMatch": self.version} if self.version else {}),
            )
            data: bytes = answer["Body"].read()
            return data


def find(address: str, wanted: Wanted) -> Found:
    """The objects below the prefix that can hold what is asked for, in order of time."""
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not bucket:
        raise UnreadableInput(f"{address!a} must be s3://BUCKET/PREFIX")
    prefix = unquote(prefix)
    found = tree(prefix, functools.partial(_level, bucket, wanted), wanted)
    objects = sorted(found.objects, key=lambda each: order(each.name))
    problems = [f"s3://{bucket}/{prefix}: {problem}" for problem in found.problems]
    if not objects and not problems:
        problems.append(f"s3://{bucket}/{prefix}: {wanted.none_found('object')}")
    return Found(
        [S3Object(bucket, each.name, each.size, each.version, wanted.keep) for each in objects],
        problems,
    )


def _level(bucket: str, wanted: Wanted, folder: str) -> Level:
    with _errors():
        pages = _client(os.getpid()).get_paginator("list_objects_v2").paginate
        if not dates_begin(folder):
            level = Level()
            for page in pages(Bucket=bucket, Prefix=folder, Delimiter="/"):
                level.objects += non_empty(_listed(page))
                level.folders += [each["Prefix"] for each in page.get("CommonPrefixes", ())]
            if folder and not folder.endswith("/"):  # the folder itself, not its neighbours
                exact = [each for each in level.folders if each == f"{folder}/"]
                level.folders = exact or level.folders
            return level
        after, before = range_of(folder, wanted)
        level = Level()
        for page in pages(Bucket=bucket, Prefix=folder, StartAfter=after):
            listed = [*non_empty(_listed(page))]
            level.objects += [each for each in listed if before is None or each.name < before]
            if before is not None and listed and listed[-1].name >= before:
                break
        return level


def _listed(page: Any) -> Iterator[Listed]:
    for each in page.get("Contents", ()):
        yield Listed(each["Key"], each["Size"], each["ETag"])


@functools.cache
def _client(process: int) -> Any:  # noqa: ARG001 - each process has connections of its own
    retries = {"total_max_attempts": 5, "mode": "standard"}
    return new_client("s3", retries=retries, max_pool_connections=32)


def _errors() -> contextlib.AbstractContextManager[None]:
    return aws_errors(functools.partial(input_error, _HINTS))
