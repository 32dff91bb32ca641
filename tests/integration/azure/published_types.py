"""Azure's published type definitions, as Microsoft's management packages for Python bring them.

Microsoft generates those packages from the REST specifications that Bicep's own types are generated
from. Each package knows some API versions. Its source is read here out of the wheel, and not run:
an operation that puts a resource has the resource's path and its model, and a model has each
property's name on the wire, its type, and whether it is required or read-only.
"""

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.integration.azure.package_source import ApiVersion, Operation, open_wheels

type Shape = Scalar | ListOf | MapOf | ObjectOf
type Properties = dict[str, Property]
type Kinds = tuple[str, dict[str, ObjectOf]] | None

_KINDS = {"int": "int", "long": "int", "float": "number", "bool": "bool", "object": "any"}
_TEXTS = {"str", "iso-8601", "rfc-1123", "duration", "date", "time", "base64", "unix-time"}


class Scalar(msgspec.Struct, frozen=True):
    """`string`, `int`, `number`, `bool` or `any`; and the known values, if they are listed."""

    kind: str
    values: tuple[str | int | bool | None, ...] = ()
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None


class ListOf(msgspec.Struct, frozen=True):
    item: Shape


class MapOf(msgspec.Struct, frozen=True):
    """An object whose names are free."""

    value: Shape


class Property(msgspec.Struct, frozen=True):
    shape: Shape
    required: bool = False
    read_only: bool = False


class ObjectOf(msgspec.Struct, frozen=True):
    """An object of known names. Its parts are read when asked for: models contain one another.

    `kinds`: the property that says which kind of object this is, and the kinds by its values.
    """

    model: str
    properties: Callable[[], Properties]
    kinds: Callable[[], Kinds] = lambda: None


class ResourceType(msgspec.Struct, frozen=True):
    """What can be put at a type in an API version; `body` is None where it can only be got.

    `scope`: `resourceGroup`, `subscription` or `any`. `name`: what the last part of its path takes.
    """

    scope: str
    name: Scalar
    body: ObjectOf | None
    answer: ObjectOf | None


class PublishedTypes:
    """All types that the packages in a folder bring."""

    def __init__(self, folder: Path) -> None:
        self._apis = list(open_wheels(folder))

    @functools.cache  # noqa: B019 - it lives as long as the tests
    def find(self, type_: str, version: str) -> tuple[ResourceType, ...]:
        """The operations on a type in an API version: none where no package knows it."""
        return tuple(
            _resource_type(api, operation)
            for api in self._apis
            if api.may_have(version)
            for operation in api.operations(type_)
            if operation.version == version
        )

    def versions(self, type_: str) -> list[str]:
        """The API versions in which the packages know a type."""
        known = {each.version for api in self._apis for each in api.operations(type_)}
        return sorted(known)


def _resource_type(api: ApiVersion, operation: Operation) -> ResourceType:
    body, answer = (_object(api, each) if each else None for each in operation.models)
    limits = {k: v for k, v in operation.name.items() if k in Scalar.__struct_fields__}
    return ResourceType(operation.scope, Scalar("string", **limits), body, answer)


def _object(api: ApiVersion, model: str) -> ObjectOf:
    return ObjectOf(
        model,
        functools.cache(lambda: _properties(api, model)),
        functools.cache(lambda: _kinds(api, model)),
    )


def _properties(api: ApiVersion, model: str) -> Properties:
    parts = api.model(model)
    tree: dict[str, Any] = {}
    for attribute, entry in parts.attributes.items():
        limits = parts.limits.get(attribute, {})
        shape = _shape(api, entry["type"], parts.annotations.get(attribute, ""), limits)
        *outer, name = re.split(r"(?<!\\)\.", entry["key"])
        inner = tree
        for each in outer:
            inner = inner.setdefault(each, {})
        required, read_only = bool(limits.get("required")), bool(limits.get("readonly"))
        inner[name.replace("\\", "")] = Property(shape, required, read_only)
    return {name: _nested(f"{model}.{name}", part) for name, part in tree.items()}


def _nested(model: str, part: Property | dict[str, Any]) -> Property:
    """What the package flattens ("properties.sku") as the object that it is on the wire."""
    if isinstance(part, Property):
        return part
    inner = {name: _nested(f"{model}.{name}", each) for name, each in part.items()}
    required = any(each.required and not each.read_only for each in inner.values())
    return Property(ObjectOf(model, lambda: inner), required)


def _kinds(api: ApiVersion, model: str) -> Kinds:
    parts = api.model(model)
    for attribute, models in parts.kinds.items():
        key = parts.attributes[attribute]["key"].replace("\\", "")
        return key, {value: _object(api, each) for value, each in models.items()}
    return None


def _shape(api: ApiVersion, type_: str, annotation: str, limits: dict[str, Any]) -> Shape:
    if type_.startswith("["):
        return ListOf(_shape(api, type_[1:-1], annotation, {}))
    if type_.startswith("{"):
        return MapOf(_shape(api, type_[1:-1], annotation, {}))
    values = tuple(value for name in _models_named(annotation) for value in api.values(name))
    if type_ in _KINDS or type_ in _TEXTS:
        kept = {k: v for k, v in limits.items() if k in Scalar.__struct_fields__}
        kept |= {k: limits[f"{k}_ei"] for k in ("minimum", "maximum") if f"{k}_ei" in limits}
        return Scalar(_KINDS.get(type_, "string"), values, **kept)
    return Scalar("string", api.values(type_)) if api.values(type_) else _object(api, type_)


def _models_named(annotation: str) -> Iterator[str]:
    yield from re.findall(r"_models\.(\w+)", annotation)
