"""CloudFormation asks this function during a deployment whether the new settings can be used.

It runs the new code with the new environment. What it refuses makes CloudFormation roll back before
any other function gets it, with the reason as the status of the resource SettingsCheck.
"""

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.logging import Logger

from registrywatch import settings
from registrywatch.errors import RegistrywatchError
from registrywatch.settings.destinations import at_least_one

MOST_REASON = 2000  # characters; an answer may have 4 KiB
_ANSWER_SECONDS = 20.0

logger = Logger(service="settings")


def handler(event: Mapping[str, Any], _: object) -> dict[str, str]:
    """Invoked by CloudFormation for the custom resource; a removal is always allowed."""
    problem = None if event["RequestType"] == "Delete" else problem_of(os.environ)
    answer = {
        "Status": "FAILED" if problem else "SUCCESS",
        "Reason": (problem or "the settings can be used")[:MOST_REASON],
        "PhysicalResourceId": "registrywatch-settings",
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


def _answer(url: str, answer: Mapping[str, str]) -> None:
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own presigned address
        url, data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310
        pass
