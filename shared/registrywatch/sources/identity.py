"""Who made an AWS call, read from CloudTrail's `userIdentity`.

Source: AWS's "CloudTrail userIdentity element". Its own examples are malformed in places, so every
part may be missing or odd.
"""

import functools

import msgspec

from registrywatch.events import Actor


class SessionIssuer(msgspec.Struct, gc=False):
    """Who gave out the session: the role, or the user behind a federated one."""

    arn: str | None = None


class SessionContext(msgspec.Struct, gc=False):
    """Only present for temporary credentials."""

    sessionIssuer: SessionIssuer | None = None


class OnBehalfOf(msgspec.Struct, gc=False):
    """The IAM Identity Center user for whom the call was made."""

    userId: str | None = None


class UserIdentity(msgspec.Struct, gc=False):
    """What is read of `userIdentity`."""

    type: str | None = None
    arn: str | None = None
    accountId: str | None = None
    userName: str | None = None
    invokedBy: str | None = None
    sessionContext: SessionContext | None = None
    onBehalfOf: OnBehalfOf | None = None


_NOBODY = UserIdentity()


def actor(caller: UserIdentity | None, address: str | None, user_agent: str | None) -> Actor:
    """The actor. `address` is CloudTrail's sourceIPAddress, which often is a service's name."""
    caller = caller or _NOBODY
    session = caller.sessionContext
    issuer = session.sessionIssuer if session else None
    behalf = caller.onBehalfOf
    who, name = _who(
        caller.type,
        caller.arn,
        issuer.arn if issuer else None,
        caller.accountId,
        (behalf.userId if behalf else None) or caller.userName,
        caller.invokedBy,
    )
    # docker traffic comes through ECR's front end, which leaves "AWS Internal" for an address
    ip = address if address and (address[0].isdigit() or ":" in address) else None
    return Actor(who, name, caller.type, ip, user_agent)


@functools.lru_cache(maxsize=4096)
def _who(
    kind: str | None,
    arn: str | None,
    issuer: str | None,
    account: str | None,
    user: str | None,
    invoked_by: str | None,
) -> tuple[str | None, str | None]:
    """Id and name. The id is the role behind a session, so that new session names don't matter."""
    if kind == "AWSService":
        return invoked_by, invoked_by
    if issuer or arn:
        who = issuer or _role_of(arn or "")
        return who, _short(arn or issuer or "")
    if kind == "AWSAccount":
        return account, account
    if user:
        return user, user
    return None, invoked_by


def _role_of(arn: str) -> str:
    """The role's ARN for that of its session (its path is not told there), else the ARN itself."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[-1].partition("/")
    if len(parts) == 6 and kind == "assumed-role" and rest:
        return f"{parts[0]}:{parts[1]}:iam::{parts[4]}:role/{rest.partition('/')[0]}"
    return arn


def _short(arn: str) -> str:
    """What people call it: "Dev/alice" for a session, "alice" for a user, "root"."""
    _, _, name = arn.split(":", 5)[-1].partition("/")
    return name or arn.rpartition(":")[2]
