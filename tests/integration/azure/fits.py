"""Whether what a template declares fits Azure's published types. A fault is a line of text."""

import re
from collections.abc import Iterator

from tests.integration.azure.bicep_values import (
    Fields,
    Given,
    Items,
    Known,
    OneOf,
    Read,
    Resource,
    Value,
)
from tests.integration.azure.published_types import (
    ListOf,
    MapOf,
    ObjectOf,
    Properties,
    PublishedTypes,
    ResourceType,
    Scalar,
    Shape,
)

_ANYTHING = Scalar("any")
_WHOLE = ("int", Scalar("number"))
_BICEPS_OWN = {"name", "parent", "scope", "dependsOn"}
_PYTHONS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "int": int,
    "number": (int, float),
    "bool": bool,
}


def faults_of(resource: Resource, types: PublishedTypes) -> Iterator[str]:
    """What Azure or Bicep would not take in a resource."""
    ways = types.find(resource.type, resource.version)
    if not ways:
        known = ", ".join(types.versions(resource.type)) or "nothing of that name"
        yield f"{resource.place}: {resource.type}@{resource.version} is unknown; known: {known}"
        return
    here = [way for way in ways if way.scope in {"any", resource.scope}]
    if not here:
        yield f"{resource.place}: {resource.type} does not belong to a {resource.scope}"
        return
    parent = resource.type.rpartition("/")[0]
    if "/" in parent and resource.parent != parent:
        yield f"{resource.place}: its parent is no {parent}"
    assert isinstance(resource.body, Fields), resource.place
    if not resource.existing:
        yield from _faults_of_body(resource, resource.body, here)


def faults_of_read(read: Read, resource: Resource, types: PublishedTypes) -> Iterator[str]:
    """What an expression reads of a resource, and Azure does not answer."""
    for way in types.find(resource.type, resource.version):
        if way.answer is None:
            continue
        shape: Shape = way.answer
        for name in read.path:
            if not isinstance(shape, ObjectOf):
                break
            if name not in shape.properties():
                yield f"{read.file}: {read.symbol}.{'.'.join(read.path)}: there is no {name}"
                break
            shape = shape.properties()[name].shape


def faults_of_given(given: Given) -> Iterator[str]:
    """What a parameter does not take of the value that it is given."""
    match given.kind:
        case "array":
            shape: Shape = ListOf(Scalar("string", given.allowed) if given.allowed else _ANYTHING)
        case "object":
            shape = MapOf(_ANYTHING)
        case kind:
            shape = Scalar(kind, given.allowed)
    yield from _faults(given.value, shape, given.place)


def count(value: Value) -> int:
    """How many properties an object sets, at all depths."""
    match value:
        case Fields(each):
            return len(each) + sum(map(count, each.values()))
        case Items(each) | OneOf(each):
            return sum(map(count, each))
    return 0


def _faults_of_body(resource: Resource, body: Fields, ways: list[ResourceType]) -> Iterator[str]:
    named = [way for way in ways if way.body and not [*_faults(_name(body), way.name, "")]]
    if not named:
        limits = next((way.name for way in ways if way.body), Scalar("string"))
        yield from _faults(_name(body), limits, f"{resource.place}.name")
        return
    own = {name: each for name, each in body.each.items() if name not in _BICEPS_OWN}
    exact = [way for way in named if way.scope == resource.scope] or named
    shape = exact[0].body
    assert shape is not None
    properties = {k: each for k, each in shape.properties().items() if k not in {"name", "scope"}}
    yield from _faults_of_fields(Fields(own), shape, properties, resource.place)


def _name(body: Fields) -> Value:
    return body.each.get("name", Known(None))


def _faults(value: Value, shape: Shape, place: str) -> Iterator[str]:
    match value, shape:
        case OneOf(each), _:
            for one in each:
                if one != Known(None):
                    yield from _faults(one, shape, place)
        case _, Scalar("any"):
            return
        case Known(known), Scalar():
            yield from _faults_of_literal(known, shape, place)
        case Items(each), ListOf(item):
            for one in each:
                yield from _faults(one, item, place)
        case Fields(each), MapOf(inner):
            for name, one in each.items():
                yield from _faults(one, inner, f"{place}.{name}")
        case Fields(), ObjectOf():
            yield from _faults_of_object(value, shape, place)
        case ((Known() | Items() | Fields()), _):
            yield f"{place}: {_kind(value)} where {_kind_of(shape)} belongs"
        case _:
            if value.kind not in {"any", _kind_of(shape)} and (value.kind, shape) != _WHOLE:
                yield f"{place}: {value.kind} where {_kind_of(shape)} belongs"


def _faults_of_object(value: Fields, shape: ObjectOf, place: str) -> Iterator[str]:
    kinds = shape.kinds()
    if kinds:
        key, by_value = kinds
        chosen = value.each.get(key, Known(None))
        if isinstance(chosen, Known):
            if str(chosen.value) in by_value:
                yield from _faults_of_object(value, by_value[str(chosen.value)], place)
            else:
                yield f"{place}.{key}: {chosen.value!r} is none of {', '.join(by_value)}"
            return
    yield from _faults_of_fields(value, shape, shape.properties(), place)


def _faults_of_fields(
    value: Fields, shape: ObjectOf, properties: Properties, place: str
) -> Iterator[str]:
    for name, each in value.each.items():
        if name in {*properties} and properties[name].read_only:
            yield f"{place}.{name}: is read-only"
        elif name in properties:
            yield from _faults(each, properties[name].shape, f"{place}.{name}")
        elif "" in properties:
            yield from _faults(each, properties[""].shape, f"{place}.{name}")
        else:
            yield f"{place}.{name}: {shape.model} has no such property"
    for name, of in properties.items():
        needed = of.required and not of.read_only
        if needed and value.each.get(name, Known(None)) == Known(None):
            yield f"{place}.{name}: is missing"


def _faults_of_literal(known: str | int | bool | None, of: Scalar, place: str) -> Iterator[str]:
    if known is None:
        yield f"{place}: is missing"
    elif not isinstance(known, _PYTHONS[of.kind]) or isinstance(known, bool) != (of.kind == "bool"):
        yield f"{place}: {known!r} where {of.kind} belongs"
    elif of.values and known not in of.values:
        yield f"{place}: {known!r} is none of {', '.join(map(str, of.values))}"
    elif isinstance(known, str):
        if of.pattern and not re.search(of.pattern, known):
            yield f"{place}: {known!r} does not match {of.pattern}"
        if not (of.min_length or 0) <= len(known) <= (of.max_length or len(known)):
            yield f"{place}: {known!r} is not {of.min_length} to {of.max_length} characters long"
    elif (of.minimum is not None and known < of.minimum) or (
        of.maximum is not None and known > of.maximum
    ):
        yield f"{place}: {known} is not within {of.minimum} and {of.maximum}"


def _kind(value: Value) -> str:
    return {Known: "a literal", Items: "array", Fields: "object"}.get(type(value), "any")


def _kind_of(shape: Shape) -> str:
    match shape:
        case Scalar(kind):
            return kind
        case ListOf():
            return "array"
    return "object"
