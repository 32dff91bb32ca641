"""What CloudFormation makes of template.yaml with given parameters, as far as functions go.

SAM's functions stay as they are written; what `Globals` says is added to each.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from functions.aws.check_settings import fingerprint
from tests.aws.templates import Json, load

NOTHING = object()
"""What AWS::NoValue leaves."""

PSEUDO = {
    "AWS::StackName": "registrywatch",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/registrywatch/1",
}


class Evaluated:
    """The resources that exist with these parameters, with every function of the language applied.

    A resource that is referred to is `<its name>`, an attribute of it `<its name>.<attribute>`;
    an alias is its ARN. `library` is the layer's version, which names code and template.
    """

    def __init__(self, library: str = "1", **given: str) -> None:
        template = load()
        self._library = library
        self._needed: set[str] = set()
        self._made: dict[str, tuple[Json, frozenset[str]]] = {}
        self._parameters = {n: str(p["Default"]) for n, p in template["Parameters"].items()} | given
        self._conditions: Json = template["Conditions"]
        self._resources: Json = template["Resources"]
        self._functions: Json = template["Globals"]["Function"]
        check = self.resource("SettingsCheck")
        self.fingerprint = fingerprint(check)

    def names(self, kind: str) -> set[str]:
        """The resources of a type that exist."""
        return {
            name
            for name, each in self._resources.items()
            if each["Type"] == kind and self.exists(name)
        }

    def kind(self, name: str) -> str:
        return str(self._resources[name]["Type"])

    @cached_property
    def all(self) -> tuple[str, ...]:
        """The resources that exist."""
        return tuple(name for name in self._resources if self.exists(name))

    def needs(self, name: str) -> set[str]:
        """The resources that CloudFormation makes before this one."""
        self.resource(name)
        said = self._resources[name].get("DependsOn", [])
        both = {*self._made[name][1], *([said] if isinstance(said, str) else said)} - {name}
        return {each for each in both if self.exists(each)}

    def exists(self, name: str) -> bool:
        condition = self._resources[name].get("Condition")
        return condition is None or self._holds(condition)

    def resource(self, name: str) -> Json:
        """The properties of one resource, which are not to be changed."""
        if name not in self._made:
            self._needed = set()
            made = self._evaluated(name)
            self._made[name] = made, frozenset(self._needed)
        return self._made[name][0]

    def _evaluated(self, name: str) -> Json:
        resource = self._resources[name]
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            both = [
                each["Environment"]["Variables"]
                for each in (self._functions, properties)
                if "Environment" in each
            ]
            variables = {name: value for each in both for name, value in each.items()}
            environment = {"Environment": {"Variables": variables}}
            properties = {**self._functions, **properties, **environment}
        found: Json = self._value(properties)
        return found

    def _holds(self, condition: str) -> bool:
        return bool(self._value(self._conditions[condition]))

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [each for each in map(self._value, value) if each is not NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                return self._call(name.removeprefix("Fn::"), argument)
        each = ((name, self._value(part)) for name, part in value.items())
        return {name: part for name, part in each if part is not NOTHING}

    def _call(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Ref", _:
                return self._ref(argument)
            case "Condition", _:
                return self._holds(argument)
            case "GetAtt", ["SettingsCheck", "Fingerprint"]:
                self._needed.add("SettingsCheck")
                return self.fingerprint
            case "GetAtt", [resource, attribute]:
                assert self.exists(resource), resource
                self._needed.add(resource)
                return f"<{resource}>.{attribute}"
            case "If", [condition, yes, no]:
                return self._value(yes if self._holds(condition) else no)
            case "Sub", _:
                return self._sub(argument)
        values = self._value(argument)
        match name, values:
            case "Equals", [one, other]:
                return one == other
            case "Not", [one]:
                return not one
            case "Or", _:
                return any(values)
            case "And", _:
                return all(values)
            case "Join", [between, parts]:
                return between.join(parts)
            case "Split", [between, text]:
                return text.split(between)
            case "Select", [number, parts]:
                return parts[int(number)]
        raise AssertionError(f"{name} is not known here")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        assert self.exists(name), name
        self._needed.add(name)
        if name == "Library":
            return f"<Library>:{self._library}"
        if self._resources[name]["Type"] == "AWS::Lambda::Alias":
            return f"arn:aws:lambda:eu-west-1:111122223333:function:{name}:live"
        return f"<{name}>"

    def _sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        named = {name: self._value(value) for name, value in own.items()}
        parts = text.split("${")
        filled = [parts[0]]
        for part in parts[1:]:
            name, _, rest = part.partition("}")
            resource, _, attribute = name.partition(".")
            value = named.get(name)
            if value is None:
                value = (
                    self._call("GetAtt", [resource, attribute]) if attribute else self._ref(name)
                )
            filled.append(f"{value}{rest}")
        return "".join(filled)
