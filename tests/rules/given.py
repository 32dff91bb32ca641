"""Events in the common form, policies and their judgement, for tests of rules."""

import json

from registrywatch.events import Actor, Cloud, RegistryEvent, What
from registrywatch.rules import Finding, Trust, rule_named

OWN = "111122223333"
TRUSTED = "222233334444"
FOREIGN = "999988887777"
OUR_ORG = "o-ourcompany"
TRUST = Trust(accounts=frozenset({TRUSTED}), orgs=frozenset({OUR_ORG}))

ROLE = Actor(id=f"arn:aws:iam::{OWN}:role/Dev", name="Dev/alice", type="AssumedRole")
ROOT = Actor(id=f"arn:aws:iam::{OWN}:root", name="root", type="Root")
SERVICE = Actor(id="ecr.amazonaws.com", name="ecr.amazonaws.com", type="AWSService")

type Json = dict[str, object]


def happened(
    what: What,
    *,
    cloud: Cloud = "aws",
    repository: str | None = "prod/api",
    actor: Actor = ROLE,
    actor_account: str | None = OWN,
    account: str | None = OWN,
    seen_in: str | None = OWN,
) -> RegistryEvent:
    """Something that happened to prod/api of our account, done by one of our roles."""
    return RegistryEvent(
        id="event-1",
        key="event-1",
        time=1_785_575_412.0,
        cloud=cloud,
        account=account,
        region="eu-west-1",
        registry=f"{account}.dkr.ecr.eu-west-1.amazonaws.com",
        repository=repository,
        actor=actor,
        what=what,
        actor_account=actor_account,
        seen_in=seen_in,
    )


def judged(rule: str, event: RegistryEvent, trust: Trust = TRUST) -> Finding | None:
    """What the rule of that name finds in the event."""
    judge = rule_named(rule).judge
    assert judge is not None
    return judge(event, event.what, trust)


def grade(rule: str, event: RegistryEvent, trust: Trust = TRUST) -> str | None:
    """The grade alone, None where the rule raises nothing."""
    finding = judged(rule, event, trust)
    return finding.severity.value if finding else None


def allow(
    principal: object = "*", action: object = "ecr:BatchGetImage", condition: object = None
) -> Json:
    """A statement that allows; by default anyone to pull."""
    statement: Json = {"Effect": "Allow", "Principal": principal, "Action": action}
    return statement if condition is None else {**statement, "Condition": condition}


def deny(principal: object = "*", action: object = "ecr:*") -> Json:
    """A statement that denies; by default everything to everybody."""
    return {"Effect": "Deny", "Principal": principal, "Action": action}


def policy(*statements: object) -> str:
    """A policy document as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def lifecycle(*rules: object) -> str:
    """A lifecycle policy document as text."""
    return json.dumps({"rules": list(rules)})


def lifecycle_rule(action: str = "expire", priority: object = 1, **selection: object) -> Json:
    """A rule; by default it expires all images but the newest 100."""
    chosen = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100}
    return {
        "rulePriority": priority,
        "selection": chosen | selection,
        "action": {"type": action},
    }
