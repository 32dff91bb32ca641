"""Deployments with `Canary`, resource by resource: on, changed, off, failing anywhere.

In whatever order CloudFormation takes the resources: an event always finds something that runs, and
nothing runs that SettingsCheck has not let through.
"""

import random

import pytest

from tests.aws.account import Account, DeploymentFailed
from tests.aws.evaluated import Evaluated
from tests.aws.templates import Json

FUNCTIONS = ("Changes", "Traffic", "Delivery")
GIVEN = {"SlackWebhookUrl": "ssm:/registrywatch/slack", "AlarmEmail": "you@example.com"}
OFF = Evaluated(**GIVEN)
ON = Evaluated(**GIVEN, Canary="Canary10Percent10Minutes")
TUNED = Evaluated(**GIVEN, Canary="Canary10Percent10Minutes", PullThreshold="7")
NEW_CODE = Evaluated("2", **GIVEN, Canary="Canary10Percent10Minutes")
LINEAR = Evaluated(**GIVEN, Canary="Linear10PercentEvery2Minutes")
TUNED_OFF = Evaluated(**GIVEN, PullThreshold="7")

CHANGES = {
    "on": (OFF, ON),
    "on with a change": (OFF, TUNED),
    "a setting": (ON, TUNED),
    "code": (ON, NEW_CODE),
    "how events are shifted": (ON, LINEAR),
    "off": (ON, OFF),
    "off with a change": (ON, TUNED_OFF),
    "neither": (OFF, TUNED_OFF),
}
EACH_CHANGE = pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES.keys())


def running(account: Account) -> dict[str, Json | None]:
    """What each source's events run."""
    return {source: account.function(target) for source, target in account.targets().items()}


def wanted(stack: Evaluated) -> dict[str, Json]:
    """What they shall run."""
    return {
        source: stack.resource(f"{source.partition('Function')[0]}Function")
        for source in (
            *stack.names("AWS::Lambda::EventSourceMapping"),
            *stack.names("AWS::Events::Rule") - {"TrafficRule"},
        )
    }


def standing(stack: Evaluated, rng: random.Random) -> Account:
    account = Account()
    account.deploy(stack, rng)
    return account


@EACH_CHANGE
@pytest.mark.parametrize("seed", range(3))
def test_a_change_reaches_every_source(before: Evaluated, after: Evaluated, seed: int) -> None:
    rng = random.Random(seed)
    account = standing(before, rng)
    account.deploy(after, rng)
    assert running(account) == wanted(after)
    assert account.refused() == set()
    account.deploy(after, rng)
    assert running(account) == wanted(after), "and once more changes nothing"


def touched(before: Evaluated, after: Evaluated) -> list[str]:
    """The resources that a change makes or updates."""
    return [
        name
        for name in after.all
        if name not in before.all
        or after.resource(name) != before.resource(name)
        or after.kind(name) == "AWS::Lambda::Alias"
    ]


@EACH_CHANGE
def test_a_deployment_that_fails_anywhere_is_taken_back_and_can_be_tried_again(
    before: Evaluated, after: Evaluated
) -> None:
    rng = random.Random(7)
    for name in touched(before, after):
        account = standing(before, rng)
        with pytest.raises(DeploymentFailed):
            account.deploy(after, rng, fails_at=name)
        account.go_back(before, rng)
        assert running(account) == wanted(before), name
        account.deploy(after, rng)
        assert running(account) == wanted(after), name


@EACH_CHANGE
@pytest.mark.parametrize("seed", range(3))
def test_settings_that_are_refused_run_nowhere(
    before: Evaluated, after: Evaluated, seed: int
) -> None:
    rng = random.Random(seed)
    account = standing(before, rng)
    with pytest.raises(DeploymentFailed):
        account.deploy(after, rng, fails_at="SettingsCheck")
    assert running(account) == wanted(before)


@pytest.mark.parametrize("alias", [f"{each}Alias" for each in FUNCTIONS])
def test_while_codedeploy_takes_an_alias_back_the_version_before_is_there(alias: str) -> None:
    rng = random.Random(3)
    account = standing(ON, rng)
    with pytest.raises(DeploymentFailed):
        account.deploy(TUNED, rng, fails_at=alias)
    function = alias.removesuffix("Alias")
    for source, config in running(account).items():
        if source.startswith(function):
            assert config == wanted(ON)[source]


@pytest.mark.parametrize("seed", range(10))
def test_events_are_refused_only_while_it_is_turned_on(seed: int) -> None:
    """For the seconds until EventBridge may invoke the alias; the queues behind take them."""
    rng = random.Random(seed)

    class Watched(Account):
        refusals: set[str]

        def look(self) -> None:
            super().look()
            self.refusals |= self.refused()

    account = Watched()
    account.refusals = set()
    account.deploy(OFF, rng)
    for stack, may in ((ON, True), (TUNED, False), (NEW_CODE, False), (OFF, False)):
        account.refusals = set()
        account.deploy(stack, rng)
        assert may or not account.refusals
        assert account.refused() == set()
