"""Calls that AWS refused: a right was missing, or the call would have moved an immutable tag."""

import re
from typing import Literal

from registrywatch.events import CallDenied
from registrywatch.sources.cloudtrail_record import NeedsWideRecord, Record, is_wide

REFUSALS: dict[str, Literal["denied", "tag-immutable"]] = {
    "accessdenied": "denied",
    "accessdeniedexception": "denied",
    "notauthorized": "denied",
    "unauthorized": "denied",
    "unauthorizedaccess": "denied",
    "unauthorizedoperation": "denied",
    "imagetagalreadyexistsexception": "tag-immutable",
}
REFUSED_CODES = (
    "AccessDenied",
    "AccessDeniedException",
    "Client.UnauthorizedOperation",
    "ImageTagAlreadyExistsException",
    "NotAuthorized",
    "Unauthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
)
"""The same codes in CloudTrail's spelling; EventBridge compares upper and lower case."""
_DENIED_ON = r"on resource: arn:[\w-]*:ecr[\w-]*:[^:]*:[^:]*:repository/([a-z0-9._/-]+)"


def denied(record: Record) -> CallDenied | None:
    """A call that was refused: a right was missing, or it would have moved an immutable tag."""
    code = (record.errorCode or "").rpartition(".")[2].casefold()
    if code not in REFUSALS:
        return None
    repository = record.requestParameters.repositoryName if record.requestParameters else None
    if repository is None:
        if not is_wide(record):
            raise NeedsWideRecord
        named = re.search(_DENIED_ON, record.errorMessage or "")
        repository = named[1] if named else None
    return CallDenied(record.eventName or "", repository, REFUSALS[code])
