"""Finds the rules that read an operation, from the readers and the catalogue."""

import functools
import types
import typing
from collections.abc import Callable, Iterator

import msgspec

from registrywatch import sources
from registrywatch.events import Cloud, RegistryChanged, What
from registrywatch.rules import CATALOGUE
from registrywatch.sources import cloudtrail
from tests.builders import azure as az

KINDS = frozenset(typing.get_args(What))
_BY_STATE: dict[type, tuple[str, ...]] = {
    RegistryChanged: ("acr-image-scan-disabled", "acr-monitoring-removed")
}
"""Rules that read the state of a resource after an event, by the kind of event."""


def rules_of_call(source: str, name: str) -> tuple[str, ...]:
    """The rules that read an AWS call, in the order of the catalogue."""
    read = cloudtrail.reader(source, name)
    return () if read is None else _reading("aws", set(_kinds(read)))


def rules_of_operation(operation: str, resource: str) -> tuple[str, ...]:
    """The rules that read an operation on an Azure resource; `resource` is its id."""
    return _rules_of(
        az.resource_changed(operation, resource), az.hub(az.activity(operation, resource))
    )


def rules_of_log(operation: str) -> tuple[str, ...]:
    """The rules that read an operation of a registry's resource log."""
    return _rules_of(az.logged(operation, "app", "v1", "app"))


def _rules_of(*documents: object) -> tuple[str, ...]:
    read = (sources.read(msgspec.json.encode(document)) for document in documents)
    return _reading("azure", {type(event.what) for each in read for event in each.events})


def _reading(cloud: Cloud, kinds: set[type]) -> tuple[str, ...]:
    by_state = {name for kind in kinds for name in _BY_STATE.get(kind, ())}
    return tuple(
        rule.name
        for rule in CATALOGUE
        if rule.cloud == cloud and (kinds & set(rule.reads) or rule.name in by_state)
    )


def _kinds(read: Callable[..., object]) -> Iterator[type]:
    """The kinds of events that a reader makes: the classes that its code names."""
    waiting: list[object] = [read]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, functools.partial):
            waiting += [each.func, *each.args, *each.keywords.values()]
        elif isinstance(each, type) and each in KINDS:
            yield each
        elif isinstance(each, types.FunctionType) and each.__module__.startswith(
            "registrywatch.sources"
        ):
            named = {name for code in _codes(each.__code__) for name in code.co_names}
            waiting += [each.__globals__[name] for name in named if name in each.__globals__]
            waiting += [cell.cell_contents for cell in each.__closure__ or ()]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code, and that of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
