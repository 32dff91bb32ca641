"""Log files in S3: what is listed, what is fetched, and what is said where that can't be done."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from registrywatch.errors import UnreadableInput
from registrywatch.globs import Globs
from registrywatch.sources.many import parts
from registrywatch.sources.remote import buckets
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.ranged import Ranged, copy_of
from tests.builders.clock import T0
from tests.builders.cloudtrail import delete_repository, log_file
from tests.builders.moto import REGION, aws_in_memory
from tests.builders.streams import lines

DAY = 86_400.0


@pytest.fixture
def s3() -> Iterator[Any]:
    """A bucket: two accounts, two regions and three days of a trail, and other logs."""
    import boto3

    buckets._client.cache_clear()
    with aws_in_memory():
        client = boto3.client("s3")
        where = {"LocationConstraint": REGION}
        client.create_bucket(Bucket="trail-logs", CreateBucketConfiguration=where)
        for account in ("111122223333", "222233334444"):
            for region in ("eu-west-1", "us-east-1"):
                for day in (1, 2, 3):
                    event = delete_repository(f"{account}/{region}/{day}", at=T0 + (day - 1) * DAY)
                    key = (
                        f"AWSLogs/o-abc/{account}/CloudTrail/{region}/2026/08/{day:02}/{account}"
                        f"_CloudTrail_{region}_202608{day:02}T0905Z_x.json.gz"
                    )
                    body = gzip.compress(lines(log_file(event)))
                    client.put_object(Bucket="trail-logs", Key=key, Body=body)
        ours = "AWSLogs/o-abc/111122223333"
        for other in ("CloudTrail-Digest/eu-west-1/x.json.gz", "vpcflowlogs/x.log.gz"):
            client.put_object(Bucket="trail-logs", Key=f"{ours}/{other}", Body=b"x")
        client.put_object(Bucket="trail-logs", Key=f"{ours}/CloudTrail/", Body=b"")
        yield client
    buckets._client.cache_clear()


def read(address: str, wanted: Wanted) -> tuple[list[str | None], list[str]]:
    """The repositories in all that is found, in order, and the problems."""
    found = buckets.find(address, wanted)
    events, problems = list[str | None](), [*found.problems]
    for part in parts(found.inputs):
        events += [event.repository for event in part.piece.reading.events]
        problems += [part.failure] if part.failure else []
    return events, problems


def test_a_bucket_is_read_in_order_of_time_without_what_is_no_trail(s3: Any) -> None:
    events, problems = read("s3://trail-logs", Wanted())
    assert (len(events), problems) == (12, [])
    assert [str(event)[-1] for event in events] == ["1"] * 4 + ["2"] * 4 + ["3"] * 4


@pytest.mark.parametrize("prefix", ["", "AWSLogs", "AWSLogs/", "AWSLogs/o-abc/111122223333/"])
def test_accounts_and_days_that_are_not_asked_for_are_not_even_listed(prefix: str, s3: Any) -> None:
    wanted = Wanted(T0 + 5 * DAY, None, Globs(("111122223333",)))
    events, problems = read(f"s3://trail-logs/{prefix}", wanted)
    assert events == []
    assert problems == [
        f"s3://trail-logs/{prefix}: there is no object in the time and of the accounts asked for"
    ]
    wanted = Wanted(None, T0 - DAY, Globs(("111122223333",)))
    events, _ = read(f"s3://trail-logs/{prefix}", wanted)
    assert events == ["111122223333/eu-west-1/1", "111122223333/us-east-1/1"]


def test_of_a_prefix_with_nothing_below_it_no_filter_is_blamed(s3: Any) -> None:
    assert read("s3://trail-logs/none/", Wanted()) == (
        [],
        ["s3://trail-logs/none/: there is no object to read"],
    )


def test_a_copy_that_cannot_be_written_is_named(s3: Any, tmp_path: Path) -> None:
    (tmp_path / "trail-logs").write_text("a file in the way")
    _, problems = read("s3://trail-logs", Wanted(keep=tmp_path))
    assert len(problems) == 12
    assert problems[0].startswith(f"its copy {tmp_path}/trail-logs/AWSLogs/")
    assert problems[0].endswith(" can't be written: Not a directory")


def test_copies_are_kept_and_read_the_next_time(s3: Any, tmp_path: Path) -> None:
    wanted = Wanted(accounts=Globs(("1*",)), keep=tmp_path)
    first, _ = read("s3://trail-logs", wanted)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 6
    listed = buckets.find("s3://trail-logs", wanted)
    for key in s3.list_objects_v2(Bucket="trail-logs")["Contents"]:
        s3.delete_object(Bucket="trail-logs", Key=key["Key"])
    again = [
        event.repository for part in parts(listed.inputs) for event in part.piece.reading.events
    ]
    assert again == first


def test_no_key_leads_out_of_the_folder_of_copies(tmp_path: Path) -> None:
    assert copy_of(tmp_path, "trail-logs/../../etc//passwd") == tmp_path / "trail-logs/etc/passwd"


def test_an_object_that_is_gone_is_named_and_the_others_are_read(s3: Any) -> None:
    found = buckets.find("s3://trail-logs", Wanted())
    first = found.inputs[0]
    s3.delete_object(Bucket="trail-logs", Key=first.name.removeprefix("s3://trail-logs/"))
    failures = [part.failure for part in parts(found.inputs) if part.failure]
    assert failures == ["the object is gone"]


def test_an_object_that_changed_is_not_read_half_and_half(s3: Any) -> None:
    found = buckets.find("s3://trail-logs", Wanted())
    key = found.inputs[0].name.removeprefix("s3://trail-logs/")
    s3.put_object(Bucket="trail-logs", Key=key, Body=b"x" * found.inputs[0].size)
    failures = [part.failure for part in parts(found.inputs) if part.failure]
    assert failures == ["the object changed while it was read"]


def test_a_bucket_that_is_not_there_is_said(s3: Any) -> None:
    assert buckets.find("s3://none/x", Wanted()).problems == [
        "s3://none/x: there is no such bucket"
    ]


@pytest.mark.parametrize("address", ["s3://", "s3:///key"])
def test_an_address_without_a_bucket_is_no_address(address: str) -> None:
    with pytest.raises(UnreadableInput, match="must be s3://BUCKET/PREFIX"):
        buckets.find(address, Wanted())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2"), "access denied"),
        (ClientError({"Error": {"Code": "Odd"}}, "ListObjectsV2"), "AWS answered Odd"),
        (ClientError({"Error": {"Code": "OptInRequired"}}, "x"), "the region is switched off"),
        (
            ClientError({"Error": {"Code": "InvalidClientTokenId"}}, "x"),
            "is the region switched on?",
        ),
        (NoCredentialsError(), "no AWS credentials were found: set AWS_PROFILE"),
        (NoRegionError(), "no region is set: AWS_DEFAULT_REGION says which"),
        (ReadTimeoutError(endpoint_url="https://x"), "Read timeout"),
    ],
)
def test_what_can_not_be_listed_is_one_clear_line(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def get_paginator(self, _: str) -> "Refusing":
            raise error

    monkeypatch.setattr(buckets, "_client", lambda _: Refusing())
    [problem] = buckets.find("s3://trail-logs/x", Wanted()).problems
    assert problem.startswith("s3://trail-logs/x: ")
    assert said in problem
    assert "\n" not in problem


def test_a_transfer_that_breaks_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrywatch.sources.remote.ranged.RANGE", 10)
    monkeypatch.setattr("time.sleep", lambda _: None)
    data, calls = os.urandom(95), list[int]()

    def fetch(offset: int, size: int, /) -> bytes:
        calls.append(offset)
        if len(calls) % 2:
            raise OSError("reset")
        return data[offset : offset + size]

    stream = Ranged(fetch, len(data), data[:7])
    assert stream.tell() == 0
    read = io.BytesIO()
    while part := stream.read1(4):
        read.write(part)
    assert read.getvalue() == data
    assert stream.tell() == len(data)


def test_a_transfer_that_always_breaks_off_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from registrywatch.sources.remote.ranged import fetched

    def fetch(offset: int, size: int, /) -> bytes:
        raise OSError("reset")

    waits: list[float] = []
    with pytest.raises(UnreadableInput, match="the transfer broke off: reset"):
        fetched(fetch, 0, 1, waits.append)
    assert waits == [1.0, 2.0]


def test_by_several_processes_from_a_server(tmp_path: Path) -> None:
    """As it is typed, over HTTP."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        client = boto3.client(
            "s3",
            endpoint_url=environ["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        client.create_bucket(Bucket="trail-logs")
        for number in range(30):
            event = delete_repository(f"r{number:02}", at=T0 + number)
            key = f"{number:02}.json.gz"
            body = gzip.compress(lines(log_file(event)))
            client.put_object(Bucket="trail-logs", Key=key, Body=body)
        command = ["replay", "--json", "--processes", "2", "s3://trail-logs/"]
        done = subprocess.run(
            [sys.executable, "-m", "registrywatch", *command],
            env=environ,
            capture_output=True,
            timeout=120,
            check=False,
        )
    finally:
        server.stop()
    assert (done.returncode, done.stderr) == (0, b"")
    seen = [json.loads(line)["repository"] for line in done.stdout.splitlines()]
    assert seen == [f"r{number:02}" for number in range(30)]
