"""Converts JSON values to the types of a schema, if their meaning is certain.

Tools that export logs change types: an object becomes JSON text, or JSON text an object; true
becomes "true", a number text; names of members lose their capitals. Each of these has only one
meaning, so it is reversed. Everything else stays as it is, and decoding then says what is wrong.
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

_WHOLE = "-?[0-9]{1,18}"
_BOOLEANS = {"true": True, "false": False}
_ACCOUNTS = frozenset({"accountid", "registryid", "recipientaccountid"})
_DOCUMENTS = frozenset({"policytext", "lifecyclepolicytext", "repositorypolicy", "lifecyclepolicy"})
_NOTHING = frozenset({"", "null", "None"})


def coerced(value: Any, schema: Any, inner: Mapping[str, Any] = {}) -> Any:
    """`value`, a plain JSON value, converted to fit `schema`, a type that msgspec decodes.

    `inner` has the types of members that the schema leaves undecoded, by their names.
    """
    return _fitted(value, _type_of(schema), inner)


@functools.lru_cache(64)
def _type_of(schema: Any) -> inspect.Type:
    return inspect.type_info(schema)


def _fitted(value: Any, kind: inspect.Type, inner: Mapping[str, Any], name: str = "") -> Any:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for each in kinds:
        match each:
            case inspect.StructType():
                return _object(value, each, inner, nullable=len(kinds) > 1)
            case inspect.ListType():
                return _array(value, each, inner, nullable=len(kinds) > 1)
            case inspect.DictType():
                return _parsed(value, nullable=len(kinds) > 1)
            case inspect.BoolType() if isinstance(value, str):
                return _BOOLEANS.get(value.strip().lower(), value)
            case inspect.IntType() if isinstance(value, str):
                return int(value) if re.fullmatch(_WHOLE, value) else value
            case inspect.RawType() if name in inner:
                return _fitted(value, _type_of(inner[name]), inner, name)
    if any(isinstance(each, inspect.StrType) for each in kinds):
        return _text(value, name)
    return value


def _text(value: Any, name: str) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value) if name.lower() in _DOCUMENTS else value
    if isinstance(value, int) and not isinstance(value, bool) and name.lower() in _ACCOUNTS:
        return f"{value:012d}"
    return value


def _object(value: Any, kind: inspect.StructType, inner: Mapping[str, Any], nullable: bool) -> Any:
    value = _parsed(value, nullable)
    if not isinstance(value, dict):
        return value
    fields, folded = _fields(kind.cls)
    made: dict[str, Any] = {}
    for name, item in value.items():
        known: Any = name if name in fields else folded.get(str(name).lower(), name)
        if known in value and known != name:  # the member is also there under its own name
            continue
        made[known] = _fitted(item, fields[known], inner, known) if known in fields else item
    return made


@functools.lru_cache(256)
def _fields(cls: type) -> tuple[dict[str, inspect.Type], dict[str, str]]:
    """The members of a struct by name, and their names by the name in lower case."""
    info = inspect.type_info(cls)
    members = info.fields if isinstance(info, inspect.StructType) else ()
    fields = {member.encode_name: member.type for member in members}
    return fields, {name.lower(): name for name in fields}


def _array(value: Any, kind: inspect.ListType, inner: Mapping[str, Any], nullable: bool) -> Any:
    value = _parsed(value, nullable)
    if not isinstance(value, list):
        return value
    return [_fitted(each, kind.item_type, inner) for each in value]


def _parsed(value: Any, nullable: bool) -> Any:
    """The JSON in a text that holds an object, an array, or nothing."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text in _NOTHING and nullable:
        return None
    if text[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return value
