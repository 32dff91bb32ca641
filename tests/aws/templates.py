"""The CloudFormation templates as data; short forms of functions are written out: {"Ref": …}."""

import functools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "template.yaml"
FORWARDER = ROOT / "infra/aws/forwarder.yaml"

Json = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """The fast loader, with CloudFormation's tags."""


def _function(loader: yaml.CSafeLoader, tag: str, node: yaml.Node) -> Json:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    match node:
        case yaml.ScalarNode():
            text = loader.construct_scalar(node)
            return {name: str(text).split(".", 1) if tag == "GetAtt" else text}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
    raise yaml.constructor.ConstructorError(None, None, f"!{tag} of a mapping", node.start_mark)


_Loader.add_multi_constructor("!", _function)


def load(path: Path = MAIN) -> Json:
    """The whole template."""
    return _loaded(path)


@functools.cache
def _loaded(path: Path) -> Json:
    template: Json = yaml.load(path.read_text(), _Loader)
    return template


def resources(kind: str, path: Path = MAIN) -> dict[str, Json]:
    """The properties of all resources of a type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in load(path)["Resources"].items()
        if resource["Type"] == kind
    }


def resolved(value: Any, **names: str) -> Any:
    """The value with `Fn::Sub` written out; `names` are those of pseudo parameters: StackName."""
    match value:
        case {"Fn::Sub": str(text)}:
            for name, replacement in names.items():
                text = text.replace(f"${{AWS::{name}}}", replacement)
            return text
        case dict():
            return {name: resolved(each, **names) for name, each in value.items()}
        case list():
            return [resolved(each, **names) for each in value]
    return value


def changes_pattern() -> Json:
    """What EventBridge brings to the changes function."""
    pattern: Json = resources("AWS::Events::Rule")["ChangesFunctionChanges"]["EventPattern"]
    return pattern


def traffic_pattern() -> Json:
    """What EventBridge puts into the traffic queue."""
    pattern: Json = resources("AWS::Events::Rule")["TrafficRule"]["EventPattern"]
    return pattern


def monitoring_pattern(
    stack: str = "registrywatch", account: str = "111122223333", region: str = "eu-west-1"
) -> Json:
    """What EventBridge brings to the changes function about registrywatch's own resources."""
    pattern = resources("AWS::Events::Rule")["ChangesFunctionMonitoring"]["EventPattern"]
    made: Json = resolved(
        pattern, StackName=stack, AccountId=account, Region=region, Partition="aws"
    )
    return made
