"""Bicep files evaluated as far as they go without Azure: which resources, with which values.

Modules are entered with the parameters that they are given, variables and loops are followed, both
branches of a condition are kept. What only a deployment knows is a `Some` of its kind.
"""

import itertools
from collections.abc import Iterator, Mapping

import tree_sitter

from tests.integration.azure.bicep_files import Template, children, parse, walk, written
from tests.integration.azure.bicep_values import (
    Fields,
    Given,
    Items,
    Known,
    OneOf,
    Resource,
    Some,
    Value,
    field_of,
    texts,
)

# What Bicep's functions give; those that are not here give anything.
_GIVES = {
    "string": "format guid join loadTextContent readEnvironmentVariable replace resourceId string "
    "subscriptionResourceId take toLower toUpper uniqueString",
    "array": "concat filter items map objectKeys split",
    "bool": "contains empty endsWith startsWith",
    "int": "int length max min",
}
_KIND_OF_CALL = {name: kind for kind, names in _GIVES.items() for name in names.split()}


def parse_parameters(name: str, text: str) -> dict[str, Value]:
    """The values of a `.bicepparam` file."""
    lines = text.replace("\nparam ", "\nvar ").splitlines()
    kept = [line for line in lines if not line.startswith("using ")]
    template = parse(name, "\n".join(kept))
    use = Use({}, template)
    return {each: use.variable(each) for each in template.variables}


class Use:
    """One use of a file: with what it is given."""

    def __init__(
        self,
        templates: Mapping[str, Template],
        template: Template,
        given: Mapping[str, Value] | None = None,
    ) -> None:
        self._templates = templates
        self._template = template
        self._given = given or {}
        self._local: dict[str, Value] = {}

    def resources(self) -> Iterator[Resource]:
        """Those of this file and of all modules below it."""
        for symbol, node in self._template.resources.items():
            type_, _, version = written(node.named_children[1]).strip("'").partition("@")
            body = self._value(node.named_children[-1])
            existing = any(
                not each.is_named and written(each) == "existing" for each in node.children
            )
            parent = self._parent(node.named_children[-1])
            yield Resource(
                self._template.name,
                symbol,
                type_,
                version,
                self._template.scope,
                existing,
                body.each[0] if isinstance(body, Items) else body,
                parent,
            )
        for use in self._modules().values():
            yield from use.resources()

    def given(self) -> Iterator[Given]:
        """What every module below this file is given, with what it takes."""
        for use in self._modules().values():
            for name, value in use._given.items():
                if name in use._template.parameters:
                    kind, allowed = use.takes(name)
                    yield Given(f"{use._template.name}: {name}", value, kind, allowed)
            yield from use.given()

    def _modules(self) -> dict[str, "Use"]:
        uses = {}
        for symbol, node in self._template.modules.items():
            file = written(node.named_children[1]).strip("'")
            body = self._value(node.named_children[-1])
            inner = body.each[0] if isinstance(body, Items) else body
            assert isinstance(inner, Fields)
            params = inner.each.get("params", Fields({}))
            assert isinstance(params, Fields)
            uses[symbol] = Use(self._templates, self._templates[file], params.each)
        return uses

    def _parent(self, body: tree_sitter.Node) -> str | None:
        for node in walk(body):
            if node.type == "object_property" and written(node.named_children[0]) == "parent":
                symbol = written(children(node)[1])
                if symbol in self._template.resources:
                    declared = self._template.resources[symbol].named_children[1]
                    return written(declared).strip("'").partition("@")[0]
        return None

    def variable(self, name: str) -> Value:
        """What a variable holds."""
        return self._name(name)

    def takes(self, parameter: str) -> tuple[str, tuple[str | int | bool | None, ...]]:
        """The kind of a parameter, and the values allowed, if not all are."""
        kind = written(self._template.parameters[parameter].named_children[1])
        for decorator in self._template.decorators[parameter]:
            if written(decorator.named_children[0]) == "allowed":
                values = self._value(decorator.named_children[1].named_children[0])
                assert isinstance(values, Items)
                return kind, tuple(each.value for each in values.each if isinstance(each, Known))
        return kind, ()

    def _name(self, name: str) -> Value:
        if name in self._local:
            return self._local[name]
        if name in self._template.variables:
            return self._value(children(self._template.variables[name])[-1])
        if name in self._template.parameters:
            if name in self._given:
                return self._given[name]
            kind, allowed = self.takes(name)
            one = OneOf(tuple(map(Known, allowed)))
            if kind == "array" and allowed:
                return Items((one,))  # the list limits what an item may be
            return one if allowed else Some(kind)
        return Some("object" if name in self._template.resources else "any")

    def _value(self, node: tree_sitter.Node) -> Value:
        parts = children(node)
        match node.type:
            case "string":
                return self._string(node)
            case "number":
                return Known(int(written(node)))
            case "boolean":
                return Known(written(node) == "true")
            case "null":
                return Known(None)
            case "identifier":
                return self._name(written(node))
            case "object":
                return Fields(dict(self._field(each) for each in parts))
            case "array":
                return Items(tuple(map(self._value, parts)))
            case "if_statement" | "parenthesized_expression":
                return self._value(parts[-1])
            case "for_statement":
                return self._loop(parts)
            case "ternary_expression":
                return OneOf((self._value(parts[1]), self._value(parts[2])))
            case "member_expression":
                return self._member(parts[0], written(parts[1]))
            case "call_expression":
                return self._call(parts)
            case "unary_expression" | "binary_expression":
                return Some("bool")
        return Some("any")

    def _member(self, of: tree_sitter.Node, name: str) -> Value:
        symbol, _, room = written(of).partition(".")
        if symbol in self._template.resources and not room:
            return Some("string" if name in {"id", "name", "type"} else "any")
        if symbol in self._template.modules and room == "outputs":
            file = written(self._template.modules[symbol].named_children[1]).strip("'")
            declared = self._templates[file].outputs.get(name)
            return Some(written(declared.named_children[1]) if declared else "any")
        return field_of(self._value(of), name)

    def _field(self, node: tree_sitter.Node) -> tuple[str, Value]:
        name, value = children(node)
        if name.type == "identifier":
            return written(name), self._value(value)
        key = self._string(name)
        return str(key.value) if isinstance(key, Known) else "*", self._value(value)

    def _string(self, node: tree_sitter.Node) -> Value:
        choices: list[list[str]] = []
        for part in node.named_children:
            if part.type == "interpolation":
                options = texts(self._value(part.named_children[0]))
                if options is None:
                    return Some("string")
                choices.append(options)
            else:
                text = written(part)
                choices.append([text[1:] if part.type == "escape_sequence" else text])
        made = tuple(Known("".join(each)) for each in itertools.product(*choices))
        return made[0] if len(made) == 1 else OneOf(made)

    def _loop(self, parts: list[tree_sitter.Node]) -> Value:
        *variables, over, body = parts
        items = self._value(over)
        each = OneOf(items.each) if isinstance(items, Items) and items.each else Some("any")
        name = written(variables[0].named_children[0] if variables[0].children else variables[0])
        self._local[name] = each
        made = self._value(body)
        del self._local[name]
        return Items((made,))

    def _call(self, parts: list[tree_sitter.Node]) -> Value:
        function, arguments = written(parts[0]), list(map(self._value, children(parts[1])))
        if function == "union" and all(isinstance(each, Fields) for each in arguments):
            merged: dict[str, Value] = {}
            for each in arguments:
                assert isinstance(each, Fields)
                merged |= each.each
            return Fields(merged)
        if function == "concat" and all(isinstance(each, Items) for each in arguments):
            return Items(
                tuple(v for each in arguments if isinstance(each, Items) for v in each.each)
            )
        return Some(_KIND_OF_CALL.get(function, "any"))
