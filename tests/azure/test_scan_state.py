"""Whether a registry is scanned, from what Azure Resource Manager says of two plans."""

import pytest
import requests

from registrywatch.azure.arm import Arm
from registrywatch.azure.scan_state import ScanState, Switch, ask, what_stopped
from registrywatch.errors import StateUnknown
from tests.azure.given import FREE, INHERITED, NO_ACCESS, OVERRIDE, PLANS, plan
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.azure import registry_id
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json

ON = plan()


def state(azure: HttpStub) -> ScanState | StateUnknown:
    arm = Arm(requests.Session(), lambda: "token", azure.url, sleep=lambda seconds: None)
    [(_, found)] = ask(arm, [registry_id()])
    return found


@pytest.mark.parametrize(
    ("containers", "posture", "scanned"),
    [
        (ON, FREE, True),
        (FREE, ON, True),
        (ON, ON, True),
        (FREE, FREE, False),
        (NO_ACCESS, FREE, False),
        (NO_ACCESS, NO_ACCESS, False),
        (NO_ACCESS, ON, True),
    ],
)
def test_one_plan_with_registry_access_is_enough(
    azure: HttpStub, containers: Json, posture: Json, scanned: bool
) -> None:
    azure.answers(f"{PLANS}/Containers", containers)
    azure.answers(f"{PLANS}/CloudPosture", posture)
    found = state(azure)
    assert isinstance(found, ScanState)
    assert found.on is scanned


def test_a_standard_plan_without_the_extension_does_not_scan(azure: HttpStub) -> None:
    without = {"properties": {"pricingTier": "Standard", "extensions": [{"name": "Other"}]}}
    azure.answers(f"{PLANS}/Containers", without)
    azure.answers(f"{PLANS}/CloudPosture", FREE)
    assert state(azure) == ScanState("registry access off", "plan free")


@pytest.mark.parametrize("override", [FREE, NO_ACCESS])
def test_a_registry_may_be_taken_out_of_the_plan(azure: HttpStub, override: Json) -> None:
    azure.answers(f"{PLANS}/Containers", ON)
    azure.answers(f"{PLANS}/CloudPosture", FREE)
    azure.answers(OVERRIDE, override)
    found = state(azure)
    assert isinstance(found, ScanState)
    assert not found.on
    assert found.overridden


def test_a_registry_may_be_put_into_the_plan(azure: HttpStub) -> None:
    azure.answers(f"{PLANS}/CloudPosture", FREE)
    azure.answers(OVERRIDE, plan(inherited="False"))
    assert state(azure) == ScanState("on", "plan free", overridden=True)


def test_an_override_that_is_inherited_is_none(azure: HttpStub) -> None:
    azure.answers(f"{PLANS}/Containers", FREE)
    azure.answers(f"{PLANS}/CloudPosture", FREE)
    azure.answers(OVERRIDE, INHERITED)
    assert state(azure) == ScanState("plan free", "plan free")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"properties": None},
        {"properties": {"pricingTier": "Premium"}},
        {"properties": {"pricingTier": "Standard"}},
        plan(access="Perhaps"),
    ],
)
def test_what_does_not_say_on_or_off_is_neither(azure: HttpStub, odd: Json) -> None:
    azure.answers(f"{PLANS}/Containers", odd)
    azure.answers(f"{PLANS}/CloudPosture", ON)
    assert isinstance(state(azure), StateUnknown)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
@pytest.mark.parametrize("where", [f"{PLANS}/Containers", f"{PLANS}/CloudPosture"])
def test_a_plan_that_can_not_be_read_leaves_the_state_unknown(
    azure: HttpStub, where: str, status: int
) -> None:
    azure.answers(f"{PLANS}/Containers", ON)
    azure.answers(f"{PLANS}/CloudPosture", ON)
    azure.answers(where, status)
    assert isinstance(state(azure), StateUnknown)


def test_an_override_that_can_not_be_read_leaves_the_state_unknown(azure: HttpStub) -> None:
    azure.answers(f"{PLANS}/Containers", ON)
    azure.answers(f"{PLANS}/CloudPosture", ON)
    azure.answers(OVERRIDE, 403)
    assert isinstance(state(azure), StateUnknown)


def test_a_plan_is_asked_for_once_whatever_the_number_of_registries(azure: HttpStub) -> None:
    azure.answers(f"{PLANS}/Containers", ON)
    azure.answers(f"{PLANS}/CloudPosture", Answer(403))
    arm = Arm(requests.Session(), lambda: "token", azure.url)
    found = dict(ask(arm, [registry_id("one"), registry_id("two")]))
    assert all(isinstance(each, StateUnknown) for each in found.values())
    assert azure.paths().count(f"{PLANS}/Containers") == 1
    assert azure.paths().count(f"{PLANS}/CloudPosture") == 1


@for_each(
    ("before", "after", "reported"),
    [
        (("on", "on"), ("plan free", "on"), None),
        (("on", "on"), ("registry access off", "on"), None),
        (("plan free", "plan free"), ("plan free", "registry access off"), None),
        (("plan free", "plan free"), ("on", "plan free"), None),
        (("on", "plan free"), ("plan free", "plan free"), "plan Containers of the subscription: "),
        (("plan free", "on"), ("plan free", "plan free"), "plan CloudPosture of the subscription"),
        (("on", "on"), ("plan free", "registry access off"), " and plan CloudPosture"),
    ],
)
def test_only_from_on_to_off_is_reported_and_by_which_switch(
    before: tuple[Switch, Switch], after: tuple[Switch, Switch], reported: str | None
) -> None:
    switch = what_stopped(ScanState(*before), ScanState(*after))
    assert switch is None if reported is None else reported in (switch or "")


def test_an_override_is_called_the_registrys() -> None:
    switch = what_stopped(ScanState("on", "plan free"), ScanState("plan free", "plan free", True))
    assert switch == "plan Containers for this registry: plan free"
