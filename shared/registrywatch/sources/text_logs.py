"""Lines that are not JSON: other services' logs, and output with JSON within its lines."""

import functools
import re
from collections.abc import Callable

import msgspec


class TextFormat(msgspec.Struct, frozen=True):
    """A format of lines. `json` returns the JSON in a line, None if there is none.

    `name`, `source` and `example` as in `Format`. Lines without JSON are skipped under `name`.
    """

    name: str
    source: str
    example: str
    recognise: Callable[[bytes], object]
    json: Callable[[bytes], bytes | None] = lambda _: None


def _pattern(pattern: bytes) -> Callable[[bytes], object]:
    return functools.partial(re.match, pattern)  # compiled at the first line that is not JSON


def _column_with_json(line: bytes) -> bytes | None:
    return next((each for each in line.split(b"\t") if each[:1] == b"{"), None)


TEXT_FORMATS: tuple[TextFormat, ...] = (
    TextFormat(
        name="lines of lookup-events --output text",
        source="`aws cloudtrail lookup-events --output text`",
        example='EVENTS\tAKIAEXAMPLE\t{"eventSource": "ecr.amazonaws.com", …}\t…',
        recognise=_pattern(rb"(EVENTS|RESOURCES)\t|NEXTTOKEN\t"),
        json=_column_with_json,
    ),
    TextFormat(
        name="VPC flow logs",
        source="a log bucket",
        example="2 111122223333 eni-0 10.0.0.1 10.0.0.2 443 55000 6 10 840 … ACCEPT OK",
        recognise=_pattern(
            rb"version( [a-z0-9-]+)+\s*$|(account-id|version|interface-id)\b.* srcaddr\b"
            rb"|[2-9] (\d{12}|-|unknown) (eni-\S+|-) .*(OK|NODATA|SKIPDATA)\b"
        ),
    ),
    TextFormat(
        name="load balancer logs",
        source="a log bucket",
        example='https 2026-08-01T09:05:00.000000Z app/x/1 198.51.100.1:1 10.0.0.1:80 … "GET …"',
        recognise=_pattern(
            rb"(https?|h2|grpcs?|wss?|tls) (\d\.\d )?\d{4}-\d\d-\d\dT\S+ (app|net)/\S+ "
            rb"|\d{4}-\d\d-\d\dT\S+Z \S+ [\d.]+:\d+ (-|[\d.]+:\d+) "
        ),
    ),
    TextFormat(
        name="S3 server access logs",
        source="a log bucket",
        example=f"{'79a5' * 16} my-bucket [01/Aug/2026:09:05:00 +0000] 192.0.2.3 - …",
        recognise=_pattern(rb"[0-9a-f]{64} [a-z0-9.-]{3,63} \[\d\d/[A-Z][a-z]{2}/\d{4}:"),
    ),
    TextFormat(
        name="CloudFront logs",
        source="a log bucket",
        example="#Version: 1.0",
        recognise=_pattern(rb"#(Version|Fields): |\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d"),
    ),
)
"""Every format of lines, in the order in which they are tried."""


def text_format(line: bytes) -> TextFormat | None:
    """The format of a line; None if it is not known."""
    return next((each for each in TEXT_FORMATS if each.recognise(line)), None)
