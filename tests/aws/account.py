"""CloudFormation at work on the functions' versions, aliases and sources, in a model of Lambda.

A deployment takes the resources in any order that their references allow, and may fail before any
of them; then CloudFormation goes back in the same way. What was replaced or removed goes at the
end, users before what they use. After each step `Account.look` says what would happen to an event.
"""

import random
from collections.abc import Iterable
from typing import Any

from tests.aws.evaluated import Evaluated
from tests.aws.templates import Json

CREATE_ONLY = {
    "AWS::Lambda::Version": {"FunctionName", "Description"},
    "AWS::Lambda::Alias": {"FunctionName", "Name"},
    "AWS::Lambda::EventInvokeConfig": {"FunctionName", "Qualifier"},
    "AWS::Lambda::Permission": {"FunctionName", "SourceArn", "Principal", "Action"},
}
"""Properties whose change replaces a resource; tests/integration/aws/test_versions.py compares."""

_VERSION = "AWS::Lambda::Version"


class DeploymentFailed(Exception):
    """Some resource could not be made."""


class Account:
    """What a stack has made. A resource that was replaced has several instances until the end."""

    def __init__(self) -> None:
        self.deployed: dict[str, Json] = {}
        self._kinds: dict[str, str] = {}
        self._instances: dict[str, list[tuple[Json, Json | None]]] = {}
        self._published: dict[str, list[Json]] = {}

    def deploy(self, stack: Evaluated, rng: random.Random, fails_at: str | None = None) -> None:
        """An update. Raises DeploymentFailed when it comes to the resource `fails_at`."""
        before = dict(self.deployed)
        for name in order(stack, rng):
            if name == fails_at:
                raise DeploymentFailed(name)
            if self._make(name, stack):
                self.look()
        self._clean_up(before, stack.all)

    def go_back(self, stack: Evaluated, rng: random.Random) -> None:
        """What follows a failure: every resource as it was before."""
        made = dict(self.deployed)
        for name in order(stack, rng):
            if self._make(name, stack):
                self.look()
        self._clean_up(made, stack.all)

    def function(self, target: str) -> Json | None:
        """The configuration that runs when `target` is invoked: a function's, or a version's."""
        if not target.startswith("arn:"):
            return self.deployed.get(target.split(">")[0].strip("<"))
        alias = self.deployed.get(target.split(":")[-2])
        return None if alias is None else self._version(alias["FunctionVersion"])

    def targets(self) -> dict[str, str]:
        """Where each source sends events."""
        found = {}
        for name, properties in self.deployed.items():
            match self._kinds[name]:
                case "AWS::Lambda::EventSourceMapping":
                    found[name] = properties["FunctionName"]
                case "AWS::Events::Rule" if name != "TrafficRule":
                    found[name] = properties["Targets"][0]["Arn"]
        return found

    def look(self) -> None:
        """Whether every event runs something, and what fails is kept."""
        for source, target in self.targets().items():
            assert self.function(target) is not None, f"{source} invokes {target}, which is gone"
            if self._kinds[source] == "AWS::Events::Rule":
                function = f"<{source.partition('Function')[0]}Function>"
                qualifier = "live" if target.startswith("arn:") else "$LATEST"
                kept = [
                    (each["FunctionName"], each["Qualifier"])
                    for each in self._all("AWS::Lambda::EventInvokeConfig")
                ]
                assert (function, qualifier) in kept, f"what fails of {source} is kept nowhere"

    def refused(self) -> set[str]:
        """The rules that may not invoke their target; their events go to the queue behind it."""
        allowed = {
            (each["FunctionName"], each["SourceArn"])
            for each in self._all("AWS::Lambda::Permission")
        }
        return {
            source
            for source, target in self.targets().items()
            if self._kinds[source] == "AWS::Events::Rule"
            and (target.removesuffix(".Arn"), f"<{source}>.Arn") not in allowed
        }

    def _all(self, kind: str) -> Iterable[Json]:
        """The properties of all instances of a type, those to be removed at the end too."""
        for name, instances in self._instances.items():
            if self._kinds[name] == kind:
                yield from (properties for properties, _ in instances)

    def _make(self, name: str, stack: Evaluated) -> bool:
        """Whether there was something to do."""
        properties = stack.resource(name)
        kind = self._kinds[name] = stack.kind(name)
        if kind == "AWS::Lambda::Alias":  # the number, as Fn::GetAtt gives it
            version = properties["FunctionVersion"].split(">")[0].strip("<")
            properties = {**properties, "FunctionVersion": (version, self._number(version))}
        if self.deployed.get(name) == properties:
            return False
        instances = self._instances.setdefault(name, [])
        there = [each for each in instances if each[0] == properties]
        old = self.deployed.get(name)
        new = old is None or any(
            old.get(each) != properties.get(each) for each in CREATE_ONLY.get(kind, ())
        )
        self.deployed[name] = properties
        if there and new:  # the way back: what was replaced is still there
            instances.remove(there[0])
            instances.append(there[0])
            return True
        if not new:
            instances.pop()
        instances.append((properties, self._publish(name, properties, kind)))
        return True

    def _publish(self, name: str, properties: Json, kind: str) -> Json | None:
        if kind != _VERSION:
            return None
        function = properties["FunctionName"]
        latest = self.deployed[function.strip("<>")]
        there = [version for _, version in self._instances[name]]
        assert there[-1:] != [latest], f"{name}: a version for this function exists already"
        version = dict(latest)  # one of its own, whatever equals it
        self._published.setdefault(function, []).append(version)
        return version

    def _number(self, version: str) -> int:
        """Which of the versions ever published a resource stands for."""
        function = self.deployed[version]["FunctionName"]
        published = self._instances[version][-1][1]
        return [each is published for each in self._published[function]].index(True)

    def _version(self, found: Any) -> Json | None:
        name, number = found
        function = self._instances[name][-1][0]["FunctionName"]
        config = self._published[function][number]
        return config if any(config is each for _, each in self._instances[name]) else None

    def _clean_up(self, before: Json, kept: Iterable[str]) -> None:
        """Remove what was replaced, and resources that the stack no longer has."""
        for name in [each for each in reversed(before) if each not in kept]:
            del self.deployed[name], self._instances[name]
            self.look()
        for instances in self._instances.values():
            if len(instances) > 1:
                del instances[:-1]
                self.look()


def order(stack: Evaluated, rng: random.Random) -> list[str]:
    """The resources, each after those that it needs, otherwise in any order."""
    needs = {name: stack.needs(name) for name in stack.all}
    found: list[str] = []
    while needs:
        ready = sorted(name for name, needed in needs.items() if needed <= {*found})
        assert ready, f"a circle: {sorted(needs)}"
        found.append(rng.choice(ready))
        del needs[found[-1]]
    return found
