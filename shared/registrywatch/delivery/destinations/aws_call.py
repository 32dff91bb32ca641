"""A call of AWS instead of a POST, and its answer. No SDK is loaded before the first call."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Answer, Request, Verdict
from registrywatch.sdk import Failure

_CODE = 100  # characters of an error's code
ARN = r"arn:aws[a-z-]*:{service}:([a-z0-9-]+):([0-9]{{12}}):{resource}"

Json = dict[str, Any]


class AwsCall(Request, frozen=True, kw_only=True):
    """A request that an SDK makes. `url` and `body` describe it, for people.

    `problem` finds a failure in a response that is not an error, None if there is none.
    """

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]
    problem: Callable[[Json], tuple[Verdict, str] | None] = lambda _: None


def aws_call(
    service: str,
    operation: str,
    region: str,
    parameters: Mapping[str, Any],
    problem: Callable[[Json], tuple[Verdict, str] | None] = lambda _: None,
) -> AwsCall:
    return AwsCall(
        url=f"aws:{service}:{operation}:{region}",
        body=msgspec.json.encode(parameters),
        headers={},
        service=service,
        operation=operation,
        region=region,
        parameters=parameters,
        problem=problem,
    )


def arn_reader(service: str, resource: str, example: str) -> Callable[[str], str]:
    """A reader of settings for the ARN of a resource of one service."""
    pattern = re.compile(ARN.format(service=service, resource=resource))

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"an ARN such as {example}")
        return text

    return read


def region_of(arn: str) -> str:
    return arn.split(":")[3]


def verdict_of(code: str) -> Verdict:
    """Whether another attempt may succeed after an error of that code in a response."""
    from registrywatch.sdk.aws_errors import kind_of

    return _verdict(Failure(kind_of(code), code, ""))


def call(request: AwsCall) -> Answer:
    """Make the call. Never raises for what AWS may answer."""
    try:
        client = _client(request.service, request.region)
        response: Json = getattr(client, request.operation)(**request.parameters)
    except Exception as error:
        from registrywatch.sdk.aws_errors import failure_of

        failure = failure_of(error)
        if failure is None:
            raise
        return _answer_of(request.service, failure)
    problem = request.problem(response)
    if problem:
        return Answer(problem[0], f"{request.service} answered {problem[1]}", 200)
    return Answer("delivered", f"{request.service} accepted it", 200)


def _answer_of(service: str, failure: Failure) -> Answer:
    code = shown(failure.code, _CODE)
    if failure.kind == "invalid":
        said = f"{service}: the request is not valid ({code})"
    else:
        said = f"{service} answered {code}" if failure.status else f"{service}: {code}"
    return Answer(_verdict(failure), said, failure.status)


def _verdict(failure: Failure) -> Verdict:
    again = failure.temporary or failure.kind == "credentials"
    return "try_again" if again else "refused"


@cache
def _client(service: str, region: str) -> Any:
    from registrywatch.sdk.aws_client import new_client

    once = {"total_max_attempts": 1}
    return new_client(service, region, connect_timeout=5, read_timeout=10, retries=once)
