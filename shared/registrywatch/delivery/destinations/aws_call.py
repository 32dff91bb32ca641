"""A call of AWS instead of a POST, and its answer. No SDK is loaded before the first call."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Answer, Request, Verdict
from registrywatch.sdk_answers import whole
from registrywatch.sdk_logs import quiet_aws

_TIMEOUTS = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 1}}
_TEMPORARY = "Throttl|TooManyRequests|RequestLimit|InternalFailure|InternalException"
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
    """Whether another attempt may succeed after an error of that code."""
    return "try_again" if re.search(_TEMPORARY, code) else "refused"


def call(request: AwsCall) -> Answer:
    """Make the call. Never raises for what AWS may answer."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from botocore.parsers import ResponseParserError

    try:
        client = _client(request.service, request.region)
        response: Json = getattr(client, request.operation)(**request.parameters)
    except ClientError as error:
        code = shown(str(error.response.get("Error", {}).get("Code", "unknown")), _CODE)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        temporary = status in (408, 429) or (status or 0) >= 500
        verdict = "try_again" if temporary else verdict_of(code)
        return Answer(verdict, f"{request.service} answered {code}", status)
    except ParamValidationError:
        return Answer("refused", f"{request.service}: the request is not valid")
    except (BotoCoreError, ResponseParserError) as error:
        return Answer("try_again", f"{request.service}: {type(error).__name__}")
    failed = request.problem(response)
    if failed:
        return Answer(failed[0], f"{request.service} answered {failed[1]}", 200)
    return Answer("delivered", f"{request.service} accepted it", 200)


@cache
def _client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    quiet_aws()
    return whole(boto3.client(service, region_name=region, config=Config(**_TIMEOUTS)))
