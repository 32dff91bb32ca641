"""What holds for every destination in the list."""

import msgspec

from registrywatch.delivery.destinations import DESTINATIONS, DestinationKind, Outgoing, every_kind
from registrywatch.delivery.destinations.aws_call import AwsCall
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.delivery.world import of_kind

KINDS = for_each("kind", every_kind(), ids=lambda kind: kind.name)


def test_names_are_distinct() -> None:
    names = [kind.name for kind in every_kind()]
    forms = [form for kind in every_kind() for form in kind.forms]
    assert len(set(names)) == len(names)
    assert len(set(forms)) == len(forms)


def test_a_kind_s_settings_begin_with_the_name_of_its_file() -> None:
    assert [kind.stem for kind in every_kind()] == [name.upper() for name in DESTINATIONS]


@KINDS
def test_its_own_form_comes_first_and_every_form_is_json(kind: DestinationKind) -> None:
    assert next(iter(kind.forms)) == kind.name
    for body in kind.forms.values():
        assert msgspec.json.decode(body(an_alert()))


@KINDS
def test_a_request_goes_to_the_address_that_was_set(kind: DestinationKind) -> None:
    to = of_kind(kind, "https://example.test/hook")
    given = {
        suffix: value if isinstance(value, str) else value.reference
        for suffix, value in to.options.items()
    }
    request = kind.request(Outgoing(alert=an_alert(), given=given, now=0.0))
    if not isinstance(request, AwsCall):
        assert request.url.startswith("https://example.test/hook")
    assert msgspec.json.decode(request.body)


@for_each(
    "kind",
    [
        kind
        for kind in every_kind()
        if kind.name != "webhook" and not kind.for_machines({"FORMAT": "alert"})
    ],
    ids=lambda kind: kind.name,
)
def test_a_message_for_people_links_to_the_runbook(kind: DestinationKind) -> None:
    to = of_kind(kind, "https://example.test/hook")
    given = {
        suffix: value if isinstance(value, str) else value.reference
        for suffix, value in to.options.items()
    } | {"RUNBOOK_URL": "https://wiki.example/rules"}
    request = kind.request(Outgoing(alert=an_alert(), given=given, now=0.0))
    assert b"https://wiki.example/rules#ecr-images-deleted" in request.body
