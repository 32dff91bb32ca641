"""Who made an AWS call, read from CloudTrail's `userIdentity`.

Source: AWS's "CloudTrail userIdentity element". Its own examples are malformed in places, so any
part may be missing or unusual.
"""

import os
import sys

import msgspec

from registrywatch.events import Actor


class SessionIssuer(msgspec.Struct, gc=False):
    """Who issued the session: the role, or the user of a federated session."""

    arn: str | None = None


class SessionContext(msgspec.Struct, gc=False):
    """Only present for temporary credentials."""

    sessionIssuer: SessionIssuer | None = None


class OnBehalfOf(msgspec.Struct, gc=False):
    """The IAM Identity Center user for whom the call was made."""

    userId: str | None = None


class UserIdentity(msgspec.Struct, gc=False):
    """The members of `userIdentity` that are read."""

    type: str | None = None
    arn: str | None = None
    accountId: str | None = None
    userName: str | None = None
    invokedBy: str | None = None
    sessionContext: SessionContext | None = None
    onBehalfOf: OnBehalfOf | None = None


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who called; `source` (the address) and `tool` are as the record has them."""

    source: str | None
    tool: str | None
    actor: Actor
    account: str | None


_decode = msgspec.json.Decoder(UserIdentity | None).decode
_known: dict[int, Caller] = {}
"""The same few callers call again and again. The key is 64 bits of an unpredictable hash: half a
kilobyte of text for each caller would not stay in the processor's cache."""
_SECRET = os.urandom(16)
_MOST_KNOWN = 8192
_IDENTITY_CENTER = ":role/aws-reserved/sso.amazonaws.com/"


def caller(identity: msgspec.Raw, source: str | None, tool: str | None) -> Caller:
    """The caller that a record's `userIdentity`, `sourceIPAddress` and `userAgent` name.

    A caller's address and tool are usually the same as last time. Raises
    msgspec.ValidationError if the identity is malformed.
    """
    key = hash(_SECRET + identity)
    known = _known.get(key)
    if known is not None and known.source == source and known.tool == tool:
        return known
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        actor, account = _who(_decode(identity) or UserIdentity())
    else:
        actor, account = known.actor, known.account
    source, tool = _shared(source), _shared(tool)
    actor = msgspec.structs.replace(actor, ip=address(source), user_agent=tool)
    made = _known[key] = Caller(source, tool, actor, account)
    return made


def _who(identity: UserIdentity) -> tuple[Actor, str | None]:
    """The actor, without address and tool, and their account.

    The id is the role behind a session, so that new session names don't matter.

    Many people share the roles of IAM Identity Center, which itself names the sessions after the
    person: there the session is the id.
    """
    session = identity.sessionContext
    issuer = session.sessionIssuer.arn if session and session.sessionIssuer else None
    arn = identity.arn or issuer
    user = (identity.onBehalfOf.userId if identity.onBehalfOf else None) or identity.userName
    if identity.type == "AWSService":
        who, name = identity.invokedBy, identity.invokedBy
    elif arn and issuer and _IDENTITY_CENTER in issuer:
        who, name = arn, _short(arn)
    elif arn:
        who, name = issuer or _role_of(arn), _short(arn)
    elif identity.type == "AWSAccount":
        who, name = identity.accountId, identity.accountId
    else:
        who, name = user, user or identity.invokedBy
    actor = Actor(_shared(who or None), name or None, _shared(identity.type))
    return actor, _shared(identity.accountId)


def _shared(text: str | None) -> str | None:
    """One object for each text: a role has many sessions, and comparisons are then cheap."""
    return sys.intern(text) if text else text


def address(text: str | None) -> str | None:
    """The caller's address; None if CloudTrail has a service's name in its place.

    For Docker's traffic, ECR's front end writes "AWS Internal".
    """
    return text if text and (text[0].isdigit() or ":" in text) else None


def _role_of(arn: str) -> str:
    """The role's ARN, from that of its session (which has no path); any other ARN unchanged."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[-1].partition("/")
    if len(parts) == 6 and kind == "assumed-role" and rest:
        return f"{parts[0]}:{parts[1]}:iam::{parts[4]}:role/{rest.partition('/')[0]}"
    return arn


def _short(arn: str) -> str:
    """The name for people: "Dev/alice" for a session, "alice" for a user, "root"."""
    _, _, name = arn.split(":", 5)[-1].partition("/")
    return name or arn.rpartition(":")[2]
