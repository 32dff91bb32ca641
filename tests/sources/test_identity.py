"""Who acted: every kind of CloudTrail's userIdentity, and what Azure tells of people."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.events import Actor
from registrywatch.sources.identity import Caller, address, caller
from tests.builders import azure
from tests.builders.cases import for_each
from tests.builders.cloudtrail import (
    ACCOUNT,
    DOCKER,
    FOREIGN,
    Json,
    digest,
    eventbridge,
    foreign,
    nobody,
    pull,
    role,
    root,
    service,
    through,
    user,
)
from tests.builders.mutation import mutated
from tests.builders.streams import found, lines

ARN = f"arn:aws:iam::{ACCOUNT}"
DEV = f"{ARN}:role/Dev"


def made(id: str | None, name: str | None, type: str | None, account: str | None) -> Caller:
    return Caller(None, None, Actor(id, name, type), account)


def read(identity: object, source: str | None = None, tool: str | None = None) -> Caller:
    return caller(msgspec.Raw(json.dumps(identity).encode()), source, tool)


def session(arn: str, issuer: str | None = None, **more: Any) -> Json:
    made: Json = {"type": "AssumedRole", "arn": arn, "accountId": ACCOUNT, **more}
    if issuer:
        made["sessionContext"] = {"sessionIssuer": {"type": "Role", "arn": issuer}}
    return made


FEDERATED: Json = {
    "type": "FederatedUser",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/Mary",
    "accountId": ACCOUNT,
    "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": f"{ARN}:user/issuer"}},
}
WEB: Json = {
    **role("github", "run-1"),
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": f"{ARN}:role/github"},
        "webIdFederationData": {
            "federatedProvider": f"{ARN}:oidc-provider/token.actions.example.com",
            "attributes": {},
        },
    },
}
NODE: Json = {
    **role("node", "i-0123456789abcdef0"),
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": f"{ARN}:role/node"},
        "ec2RoleDelivery": "2.0",
    },
}

CALLERS: dict[str, tuple[object, Caller]] = {
    "an IAM user": (user("bob"), made(f"{ARN}:user/bob", "bob", "IAMUser", ACCOUNT)),
    "an IAM user with a session": (
        {**user("bob"), "accessKeyId": "ASIAEXAMPLE", "sessionContext": {"attributes": {}}},
        made(f"{ARN}:user/bob", "bob", "IAMUser", ACCOUNT),
    ),
    "a user with a path": (
        {**user(), "arn": f"{ARN}:user/ops/bob"},
        made(f"{ARN}:user/ops/bob", "ops/bob", "IAMUser", ACCOUNT),
    ),
    "a session of a role": (
        role("Dev", "alice"),
        made(DEV, "Dev/alice", "AssumedRole", ACCOUNT),
    ),
    "a role with a path": (
        session(f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/alice", f"{ARN}:role/teams/Dev"),
        made(f"{ARN}:role/teams/Dev", "Dev/alice", "AssumedRole", ACCOUNT),
    ),
    "a session without its issuer": (
        session(f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/alice"),
        made(DEV, "Dev/alice", "AssumedRole", ACCOUNT),
    ),
    "a session in China": (
        session(f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/Dev/alice"),
        made(f"arn:aws-cn:iam::{ACCOUNT}:role/Dev", "Dev/alice", "AssumedRole", ACCOUNT),
    ),
    "a node": (
        NODE,
        made(f"{ARN}:role/node", "node/i-0123456789abcdef0", "AssumedRole", ACCOUNT),
    ),
    "a build of GitHub's": (
        WEB,
        made(f"{ARN}:role/github", "github/run-1", "AssumedRole", ACCOUNT),
    ),
    "root": (root(), made(f"{ARN}:root", "root", "Root", ACCOUNT)),
    "a federated user": (
        FEDERATED,
        made(f"{ARN}:user/issuer", "Mary", "FederatedUser", ACCOUNT),
    ),
    "an AWS service": (
        service("ecr.amazonaws.com"),
        made("ecr.amazonaws.com", "ecr.amazonaws.com", "AWSService", None),
    ),
    "an AWS service that names a user too": (
        {**service("ecr.amazonaws.com"), "userName": "x", "arn": f"{ARN}:user/x"},
        made("ecr.amazonaws.com", "ecr.amazonaws.com", "AWSService", None),
    ),
    "a role for whom a service speaks": (
        through(DOCKER, role("Dev", "alice")),
        made(DEV, "Dev/alice", "AssumedRole", ACCOUNT),
    ),
    "somebody of another account": (foreign(), made(FOREIGN, FOREIGN, "AWSAccount", FOREIGN)),
    "a web identity": (
        {"type": "WebIdentityUser", "userName": "repo:x/y", "accountId": ACCOUNT},
        made("repo:x/y", "repo:x/y", "WebIdentityUser", ACCOUNT),
    ),
    "a SAML user": (
        {"type": "SAMLUser", "userName": "carol", "accountId": ACCOUNT},
        made("carol", "carol", "SAMLUser", ACCOUNT),
    ),
    "a user of Identity Center": (
        {
            "type": "IdentityCenterUser",
            "accountId": ACCOUNT,
            "onBehalfOf": {"userId": "544894e8", "identityStoreArn": "arn:aws:identitystore"},
        },
        made("544894e8", "544894e8", "IdentityCenterUser", ACCOUNT),
    ),
    "a service event's": (nobody(), made(None, DOCKER, None, ACCOUNT)),
    "an ARN as AWS's docs misspell it": (
        session("arn:aws:sts::1:user/Mary_Major"),
        made("arn:aws:sts::1:user/Mary_Major", "Mary_Major", "AssumedRole", ACCOUNT),
    ),
    "no ARN at all": (session("no arn"), made("no arn", "no arn", "AssumedRole", ACCOUNT)),
    "an empty identity": ({}, made(None, None, None, None)),
    "null": (None, made(None, None, None, None)),
    "nulls": (
        {"type": None, "arn": None, "sessionContext": None, "onBehalfOf": {"userId": None}},
        made(None, None, None, None),
    ),
}


@for_each(("identity", "expected"), CALLERS.values(), ids=CALLERS)
def test_every_kind_of_caller_has_a_stable_id(identity: object, expected: Caller) -> None:
    assert read(identity) == expected
    assert read(identity) is read(identity), "the same few call again and again"


def test_a_caller_may_change_address_and_tool() -> None:
    calls = [
        ("203.0.113.7", "docker"),
        ("203.0.113.8", "docker"),
        ("203.0.113.7", None),
        (None, ""),
    ]
    for source, tool in [*calls, *calls]:
        actor = read(role("Dev", "alice"), source, tool).actor
        assert (actor.id, actor.name, actor.ip, actor.user_agent) == (
            DEV,
            "Dev/alice",
            source,
            tool,
        )


@given(st.sampled_from([identity for identity, _ in CALLERS.values()]).flatmap(mutated))
def test_an_odd_identity_is_read_or_refused(identity: object) -> None:
    try:
        known = read(identity)
    except msgspec.ValidationError:
        return
    assert known.actor.id is None or known.actor.id


def test_many_different_callers_do_not_pile_up() -> None:
    from registrywatch.sources import identity

    for number in range(9_000):
        read(user(f"u{number}"))
    assert len(identity._known) <= 8_192
    assert read(user("u1")).actor.name == "u1"


@for_each(
    ("text", "ip"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::1", "::1"),
        ("AWS Internal", None),
        ("ecr.amazonaws.com", None),
        ("", None),
        (None, None),
    ],
)
def test_what_stands_for_an_address_may_be_a_services_name(
    text: str | None, ip: str | None
) -> None:
    assert address(text) == ip


def test_whose_trail_and_whose_registry_it_was_are_told_apart() -> None:
    made = pull(digest("a"), by=foreign(), account=ACCOUNT, seen_in=FOREIGN)
    (event,) = found(lines(eventbridge(made))).events
    assert (event.account, event.seen_in, event.actor_account) == (ACCOUNT, FOREIGN, FOREIGN)


# Azure


def actor_of(payload: Json) -> Actor:
    (event,) = found(lines(payload)).events
    return event.actor


@for_each(
    ("claims", "who", "name"),
    [
        ({"upn": "eve@example.com", "name": "Eve"}, "eve@example.com", "Eve"),
        (
            {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "eve@example.com"},
            "eve@example.com",
            "eve@example.com",
        ),
        ({"appid": "app-1", "oid": "object-1"}, "app-1", "app-1"),
        ({"oid": "object-1"}, "object-1", "object-1"),
        (
            {"http://schemas.microsoft.com/identity/claims/objectidentifier": "object-2"},
            "object-2",
            "object-2",
        ),
        ({"upn": 7, "appid": "app-1"}, "app-1", "app-1"),
        ({"upn": "", "name": ""}, "principal-1", "principal-1"),
        ({}, "principal-1", "principal-1"),
        (None, "principal-1", "principal-1"),
    ],
)
def test_a_change_of_a_resource_was_made_by_a_user_an_app_or_an_object(
    claims: Json | None, who: str, name: str
) -> None:
    made = azure.plan_changed()
    made["data"]["claims"] = claims
    made["data"]["authorization"] = {
        "evidence": {"principalId": "principal-1", "principalType": "ServicePrincipal"}
    }
    actor = actor_of(made)
    assert (actor.id, actor.name, actor.type) == (who, name, "ServicePrincipal")


@pytest.mark.parametrize(
    ("written", "ip"),
    [
        ("203.0.113.40", "203.0.113.40"),
        ("203.0.113.40:50012", "203.0.113.40"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:50012", "2001:db8::7"),
        ("", None),
    ],
)
def test_an_address_on_azure_may_have_a_port(written: str, ip: str | None) -> None:
    assert actor_of(azure.logged("Pull", ip=written)).ip == ip


@pytest.mark.parametrize("written", ["", "<nil>"])
def test_who_is_not_named_in_the_resource_log_is_nobody(written: str) -> None:
    actor = actor_of(azure.logged("Pull", by=written, agent=written))
    assert (actor.id, actor.name, actor.user_agent) == (None, None, None)
