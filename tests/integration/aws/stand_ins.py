"""Packages that moto's CloudFormation imports by way of other services, and that no test needs."""

import sys
from types import ModuleType

import pytest


class StandIn(ModuleType):
    """A package that moto's API Gateway and AppSync import; no test here reaches them."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> type[Exception]:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto.cloudformation be imported without them, for one test."""
    validator = "openapi_spec_validator"
    for name in (validator, f"{validator}.validation", f"{validator}.validation.exceptions"):
        monkeypatch.setitem(sys.modules, name, StandIn(name))
    monkeypatch.setitem(sys.modules, "graphql", StandIn("graphql"))
