"""`loganalytics://WORKSPACE`: one query a day filters a Log Analytics workspace in place.

WORKSPACE is the workspace's id (a GUID). Rows are those of ContainerRegistryRepositoryEvents and
AzureActivity that some rule reads. An answer holds at most 500,000 rows: a day with more is asked
for in halves.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.azure_monitor import OPERATIONS
from registrywatch.sources.inputs import Found
from registrywatch.sources.remote.azure_sign_in import partition, signed_in
from registrywatch.sources.remote.kind import Wanted
from registrywatch.sources.remote.layout import MARGIN
from registrywatch.sources.remote.produced import Produced
from registrywatch.sources.resource_changes import OPERATIONS as CHANGES
from registrywatch.times import DAY, rfc3339

MOST_ROWS = 500_000
DAYS = 30
"""How far back is asked for without --since: Log Analytics keeps 30 days by default."""

_SHORTEST = 60.0  # seconds; a minute with more rows than an answer holds is an error
_WORKSPACE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Ask = Callable[[str, str], bytes]
"""Asks a workspace a query; gives the answer's body. Raises UnreadableInput or OSError."""


class WorkspaceQuery(msgspec.Struct, frozen=True):
    """Queries whose results are the input; times in seconds since the epoch."""

    workspace: str
    first: float
    last: float
    accounts: tuple[str, ...] = ()
    size: int = 0

    @property
    def name(self) -> str:
        return f"loganalytics://{self.workspace}"

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:  # noqa: ARG002
        """See `Input`."""
        return Produced(answers(self, _ask))


def find(address: str, wanted: Wanted) -> Found:
    """The queries as one input."""
    return Found([_parsed(address, wanted, time.time())])


def plan(address: str, wanted: Wanted) -> list[str]:
    """The query of the first day, and how many queries there would be."""
    asked = _parsed(address, wanted, time.time())
    slices = [*_days(asked.first, asked.last)]
    return [
        kql(*slices[0], asked.accounts),
        f"// it would run once for each of {len(slices)} days, until {rfc3339(asked.last)}",
    ]


def kql(first: float, last: float, accounts: tuple[str, ...] = ()) -> str:
    """The query, for the rows from `first` until before `last`."""
    start, end = (f"datetime({rfc3339(at)})" for at in (first, last))
    where = [f"| where TimeGenerated >= {start} and TimeGenerated < {end}"]
    if accounts:
        globs = [f"_SubscriptionId matches regex @'(?i)^{_regex(glob)}$'" for glob in accounts]
        where.append(f"| where {' or '.join(globs)}")
    lines = "\n    ".join(where)
    return (
        "union isfuzzy=true\n"
        f"  (ContainerRegistryRepositoryEvents\n    {lines}\n"
        f"    | where OperationName in~ ({_list(OPERATIONS)})),\n"
        f"  (AzureActivity\n    {lines}\n"
        f"    | where OperationNameValue in~ ({_list(CHANGES)}))\n"
        "| order by TimeGenerated asc"
    )


def answers(asked: WorkspaceQuery, ask: Ask) -> Iterator[bytes]:
    """The answers' bodies, in order of time; days with too many rows in halves."""
    waiting = [*_days(asked.first, asked.last)][::-1]
    while waiting:
        first, last = waiting.pop()
        body = ask(asked.workspace, kql(first, last, asked.accounts))
        if _is_whole(body):
            yield body.replace(b"\n", b" ") + b"\n"
        elif last - first <= _SHORTEST:
            raise UnreadableInput(f"more than {MOST_ROWS:,} rows in the minute of {rfc3339(first)}")
        else:
            middle = float(int((first + last) / 2))
            waiting += [(middle, last), (first, middle)]


class _Table(msgspec.Struct):
    rows: list[msgspec.Raw]


class _Answer(msgspec.Struct):
    tables: list[_Table] = []
    error: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Answer).decode


def _is_whole(body: bytes) -> bool:
    """Whether the answer holds all rows; a part is marked by an error beside them."""
    try:
        answer = _decode(body)
    except msgspec.DecodeError as error:
        raise UnreadableInput(f"the answer is not what Log Analytics writes: {error}") from error
    return answer.error is None and all(len(each.rows) < MOST_ROWS for each in answer.tables)


def _ask(workspace: str, query: str) -> bytes:
    import requests

    service = f"https://{partition().logs}"
    scope = f"{service}/.default"
    token = signed_in(scope).get_token(scope).token
    try:
        answer = requests.post(
            f"{service}/v1/workspaces/{workspace}/query",
            json={"query": query},
            headers={"Authorization": f"Bearer {token}", "Prefer": "wait=600"},
            timeout=(10, 660),
        )
    except requests.RequestException as error:
        raise OSError(f"Log Analytics does not answer: {type(error).__name__}") from error
    if answer.status_code == 200:
        return answer.content
    raise UnreadableInput(_refusal(answer.status_code, answer.content))


def _refusal(status: int, body: bytes) -> str:
    """Why a query was refused, in one line."""
    known = {
        401: "the sign-in is not accepted",
        403: "access denied; the role Log Analytics Reader is needed",
        404: "there is no such workspace",
        429: "Log Analytics is asked too often; try again later",
    }
    if status in known:
        return known[status]
    try:
        error = msgspec.json.decode(body)["error"]
        while isinstance(error.get("innererror"), dict):
            error = error["innererror"]
        message = str(error.get("message"))
    except (msgspec.DecodeError, TypeError, KeyError, AttributeError):
        message = ""
    return f"Log Analytics refused with status {status}: {message[:300]}"


def _parsed(address: str, wanted: Wanted, now: float) -> WorkspaceQuery:
    workspace = address.removeprefix("loganalytics://").strip("/")
    if not _WORKSPACE.fullmatch(workspace):
        raise UnreadableInput(
            f"{address!a} must be loganalytics://WORKSPACE, with the workspace's id"
        )
    last = float(int(wanted.until if wanted.until is not None else now))
    since = last - DAYS * DAY if wanted.since is None else wanted.since - MARGIN
    return WorkspaceQuery(
        workspace.lower(), float(int(max(since, 0.0))), last, wanted.accounts.patterns
    )


def _days(first: float, last: float) -> Iterator[tuple[float, float]]:
    while first < last:
        after = min((first // DAY + 1) * DAY, last)
        yield first, after
        first = after


def _list(names: frozenset[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))


def _regex(glob: str) -> str:
    parts = {"*": ".*", "?": "."}
    return "".join(parts.get(char) or re.escape(char).replace("'", "''") for char in glob)
