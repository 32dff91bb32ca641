"""CloudFormation asks this function during a deployment whether the new settings can be used.

It runs the new code with the new environment. If it refuses the settings, CloudFormation rolls back
before any other function gets them, with the reason as the status of the resource SettingsCheck.
During the rollback CloudFormation asks again, about the previous settings. These are never refused,
because a refusal would leave the stack in UPDATE_ROLLBACK_FAILED.
"""

import hashlib
import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.logging import Logger

from registrywatch import settings
from registrywatch.aws.clients import client, store_errors
from registrywatch.errors import RegistrywatchError, StoreError
from registrywatch.settings.destinations import at_least_one

MOST_REASON = 2000  # characters; an answer may have 4 KiB
_ANSWER_SECONDS = 20.0
_OF_CLOUDFORMATION = ("ServiceToken", "ServiceTimeout")

logger = Logger(service="settings")


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    """Invoked by CloudFormation for the custom resource; its deletion is always allowed."""
    problem = None if event["RequestType"] == "Delete" else problem_of(os.environ)
    refused = problem is not None and not _is_rolling_back(event)
    answer = {
        "Status": "FAILED" if refused else "SUCCESS",
        "Reason": (problem or "the settings can be used")[:MOST_REASON],
        "PhysicalResourceId": "registrywatch-settings",
        "Data": {"Fingerprint": fingerprint(event.get("ResourceProperties", {}))},
        **{name: str(event[name]) for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    logger.info("settings checked", extra={"status": answer["Status"], "reason": answer["Reason"]})
    _answer(str(event["ResponseURL"]), answer)
    return answer


def problem_of(environ: Mapping[str, str]) -> str | None:
    """What is wrong with the settings, None if they can be used. It shows no secret."""
    try:
        found = settings.parse(environ)
        at_least_one(found.destinations)
    except RegistrywatchError as error:
        return str(error)
    return None


def fingerprint(properties: Mapping[str, Any]) -> str:
    """Name what the template lists for this resource: the same list gives the same name.

    With Canary a new name publishes new versions of the functions. When a stack rolls back, its
    previous name keeps the previous versions.
    """
    listed = {name: each for name, each in properties.items() if name not in _OF_CLOUDFORMATION}
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()[:32]


def _is_rolling_back(event: Mapping[str, Any]) -> bool:
    """Whether the stack rolls back; False if CloudFormation does not answer."""
    try:
        with store_errors("CloudFormation"):
            found = client("cloudformation").describe_stacks(StackName=event["StackId"])
    except StoreError as error:
        logger.warning("the stack's status is not known", extra={"reason": str(error)})
        return False
    return "ROLLBACK" in found["Stacks"][0]["StackStatus"]


def _answer(url: str, answer: Mapping[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own presigned address
        url, data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
        pass
