"""What Azure really tells about a container registry, end to end: from the payload to the alerts.

Each docstring says which finding about ACR, Event Grid, the resource logs or Defender the test
holds on to; what belongs to no rule yet is a test that nothing is raised.
"""

import json
from typing import Any

import pytest

from registrywatch.sources import read
from tests.builders.azure import (
    SUBSCRIPTION,
    activity,
    cloud_event,
    deleted,
    event_grid,
    hub,
    logged,
    plan_changed,
    pushed,
    registry_id,
    resource_changed,
)
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json, digest
from tests.builders.detecting import Watch, alerts, raised

PULLS = [("acr-excessive-image-pull", "medium")]
PUSHES = [("acr-excessive-image-push", "medium")]
GONE = [("acr-forced-repository-deletion", "high")]
ONE_DELETED = [("acr-images-deleted", "low")]
UNKNOWN_STATE = [("acr-image-scan-disabled", "informational")]


def pulls(count: int = 100, **more: Any) -> list[Json]:
    """Records of that many pulls of distinct images, a second apart."""
    return [logged("Pull", f"i{n}", f"v{n}", at=T0 + n, **more) for n in range(count)]


def pushes(count: int = 50, **more: Any) -> list[Json]:
    return [pushed(f"v{n}", f"i{n}", at=T0 + n, **more) for n in range(count)]


# 1.1 Event Grid


@pytest.mark.parametrize("name", ["ChartPushed", "ChartDeleted"])
def test_charts_are_skipped(name: str) -> None:
    """Helm charts of the old kind are gone since 2025; today's arrive as ImagePushed."""
    chart = {"action": name, "target": {"repository": "c", "name": "wordpress", "tag": "1"}}
    event = event_grid(f"Microsoft.ContainerRegistry.{name}", chart)
    assert raised(event, cloud_event(event)) == []


@pytest.mark.parametrize("as_cloud_event", [False, True])
def test_both_schemas_tell_the_same(as_cloud_event: bool) -> None:
    """Event Grid's own schema and CloudEvents, single or in an array."""
    made = [cloud_event(each) if as_cloud_event else each for each in pushes()]
    assert raised(*made) == raised(made) == PUSHES


def test_the_same_event_in_both_schemas_is_one() -> None:
    """Its id is the same in every envelope."""
    made = deleted()
    assert raised(made, cloud_event(made), [made]) == ONE_DELETED


@pytest.mark.parametrize(
    "prefix", ["", "Microsoft.ContainerRegistry.", "microsoft.containerregistry."]
)
def test_event_types_are_known_with_and_without_their_prefix(prefix: str) -> None:
    """A published sample leaves the prefix out."""
    assert raised(deleted() | {"eventType": f"{prefix}ImageDeleted"}) == ONE_DELETED


def test_optional_fields_may_be_there_or_not() -> None:
    """actor, address, source and location are in the model and in no documented sample."""
    bare, full = deleted("a"), deleted("b", by="renato")
    full["data"]["location"] = "westeurope"
    full["data"]["source"] = {"addr": "node-1:49941", "instanceID": "x"}
    full["data"]["request"]["addr"] = "203.0.113.42:50012"
    full["data"]["target"] |= {"tag": "", "url": "https://example.azurecr.io/v2/x", "size": 1}
    nobody, somebody = alerts(bare, full)
    assert (nobody.actor.id, nobody.actor.ip, nobody.region) == (None, None, None)
    assert (somebody.actor.id, somebody.actor.ip) == ("renato", "203.0.113.42")
    assert somebody.region == "westeurope"


def test_pushes_that_name_nobody_are_counted_by_registry() -> None:
    """Event Grid is no source of identity: the group is then the registry."""
    (alert,) = alerts(pushes())
    assert (alert.actor.id, alert.registry) == (None, "example.azurecr.io")
    split = pushes(30) + pushes(30, registry="another")
    assert raised(split) == []


def test_pushes_that_name_somebody_are_counted_by_him() -> None:
    """Where the optional actor is there, it groups."""
    split = [*pushes(30, by="ann"), *pushes(30, by="ben")]
    assert raised(split) == []
    assert raised(pushes(50, by="ann")) == PUSHES


def test_a_delete_names_neither_tag_nor_size() -> None:
    """The subject is the repository alone, and nothing but the digest says which image."""
    (alert,) = alerts(deleted("a"))
    assert alert.repository == "orders-api"
    assert "1 image" in alert.summary


@pytest.mark.parametrize("spelling", ["connectedRegistry", "connectedregistry"])
def test_a_connected_registrys_events_are_its_parents(spelling: str) -> None:
    """They come late and in bulk, without a request, from a topic one level deeper."""
    made = pushes()
    for each in made:
        del each["data"]["request"]
        each["data"][spelling] = {"name": "edge"}
        each["topic"] += "/connectedRegistries/edge"
        each["dataVersion"] = "2.0"
    (alert,) = alerts(made)
    assert alert.registry == "example.azurecr.io"
    assert alert.account == SUBSCRIPTION


def test_resource_ids_are_compared_without_case() -> None:
    """Event Grid writes them mixed and logs in capitals: one registry all the same."""
    made = pushes()
    for each in made[::2]:
        each["topic"] = each["topic"].upper()
        each["data"]["request"]["host"] = "EXAMPLE.azurecr.io"
    assert raised(made) == PUSHES


def test_a_multi_platform_push_counts_its_tagged_image() -> None:
    """One ImagePushed a manifest: platforms, signatures and SBOMs come without a tag."""
    parts = [pushed(None, f"part {n}") for n in range(200)]
    assert raised(parts + pushes(49)) == []
    assert raised(parts + pushes(50)) == PUSHES


def test_one_image_under_many_tags_is_one() -> None:
    """The unit is the image, not the event."""
    assert raised([pushed(f"v{n}", "same") for n in range(200)]) == []


def test_a_repeated_delivery_raises_and_counts_nothing_more() -> None:
    """At least once, in any order, and up to hours late."""
    made, gone = pushes(49), deleted()
    watch = Watch()
    assert watch.alerts(made, made[::-1], gone, gone)[1:] == []
    late = pushed("v49", "i49", at=T0 + 49)
    assert len(watch.alerts(late)) == 1


def test_event_grids_handshake_is_skipped() -> None:
    """A webhook endpoint is first asked to prove itself; no rule has to do with that."""
    handshake = {"validationCode": "x", "validationUrl": "https://example.com/x"}
    assert raised(event_grid("Microsoft.EventGrid.SubscriptionValidationEvent", handshake)) == []


# 1.2 Resource logs


def test_pulls_are_read_from_the_resource_log() -> None:
    """There is no pull event: names in camel case, the resource id in capitals, many a message."""
    (alert,) = alerts(hub(*pulls()))
    assert (alert.rule, alert.severity.value, alert.count) == (*PULLS[0], 100)
    assert alert.actor.id == "user@example.com"
    assert alert.registry == "example.azurecr.io"
    assert alert.account == SUBSCRIPTION


@for_each("status", ["404", "401", "403", "429", "500", "301", "", "<nil>"])
def test_a_look_up_that_failed_is_no_pull(status: str) -> None:
    """The status is a text in resultDescription; resultType is always "HttpStatusCode"."""
    assert raised(hub(*pulls(200, status=status))) == []


def test_any_success_is_a_pull() -> None:
    """Which 2xx is logged is not documented."""
    assert raised(hub(*pulls(100, status="206"))) == PULLS


def test_what_is_missing_is_the_text_nil() -> None:
    """A pull by digest has the digest in `tag` and "<nil>" for the digest."""
    by_digest = [logged("Pull", None, digest(f"i{n}"), at=T0 + n / 2) for n in range(200)]
    assert raised(hub(*by_digest)) == PULLS
    assert raised(hub(*by_digest[:198])) == []  # 99 images of two platforms, as far as is known
    by_tag = pulls()
    assert raised(hub(*by_tag[:60], *by_digest[:60])) == []  # the same sixty images
    nothing = [logged("Pull", None, None) for _ in range(200)]
    assert raised(hub(*nothing)) == []


def test_anonymous_pulls_are_counted_by_registry() -> None:
    """An anonymous pull has an empty identity."""
    (alert,) = alerts(hub(*pulls(50, by=""), *pulls(100, by="<nil>")[50:]))
    assert alert.actor.id is None


def test_pulls_go_by_their_own_time() -> None:
    """Logs arrive 5 to 20 minutes late and in any order."""
    made = pulls()
    assert raised(*[hub(each) for each in reversed(made)]) == PULLS
    slow = [logged("Pull", f"i{n}", f"v{n}", at=T0 + 60 * n) for n in range(200)]
    assert raised(hub(*slow)) == []


def test_defenders_scanner_can_be_ignored() -> None:
    """Defender reads images under the id of an application, and shows in the log."""
    scanner = "b21cb118-5a59-4628-bab0-000000000000"
    made = hub(*pulls(100, by=scanner))
    assert raised(made) == PULLS
    assert raised(made, ACR_EXCESSIVE_IMAGE_PULL_IGNORE_ACTORS=scanner) == []
    assert raised(made, IGNORE_ACTORS="b21cb118-*") == []
    assert raised(made, IGNORE_ACTORS="bab0") == PULLS


def test_nodes_that_start_from_the_same_images_are_quiet() -> None:
    """Kubelets, replicas and tasks read the same few images again and again."""
    made = [logged("Pull", f"i{n % 3}", at=T0 + n) for n in range(500)]
    assert raised(hub(*made)) == []


@pytest.mark.parametrize("operation", ["Push", "Untag", "Purge tag", "Purge manifest", "Login"])
def test_other_operations_of_the_log_belong_to_no_rule(operation: str) -> None:
    """Pushes are counted from Event Grid alone; a tag taken off an image deletes none."""
    assert raised(hub(*[logged(operation, f"i{n}") for n in range(200)])) == []


def test_other_categories_are_skipped() -> None:
    """Log-ins and other resources' logs come through the same hub."""
    made = logged("Pull") | {"category": "ContainerRegistryLoginEvents"}
    assert raised(hub(made, {"category": "AuditEvent", "time": "x", "resourceId": "y"})) == []


def test_a_push_is_counted_once_though_the_log_tells_it_too() -> None:
    """Imports and builds show in Event Grid only, so that is the one source of pushes."""
    made = pushes(49)
    told = [logged("Push", f"i{n}", f"v{n}", at=T0 + n) for n in range(49)]
    assert raised(made, hub(*told)) == []


# 2. Scanning switched off


@pytest.mark.parametrize("plan", ["Containers", "CloudPosture"])
@pytest.mark.parametrize("as_cloud_event", [False, True])
def test_a_plan_that_scans_was_changed(plan: str, as_cloud_event: bool) -> None:
    """The event has no body: whether images are still scanned must be asked, and nobody was."""
    made = plan_changed(plan)
    (alert,) = alerts(cloud_event(made) if as_cloud_event else made)
    assert (alert.rule, alert.severity.value) == UNKNOWN_STATE[0]
    assert plan in alert.summary
    assert "not looked up" in alert.reasons[0]
    assert alert.actor.id == "alice@example.com"


@pytest.mark.parametrize(
    "plan", ["ContainerRegistry", "VirtualMachines", "KeyVaults", "Containers2", ""]
)
def test_other_plans_do_not_matter(plan: str) -> None:
    """The old plan for registries is deprecated, and the others scan no images."""
    assert raised(plan_changed(plan)) == []


def test_the_override_of_one_registry_is_read_too() -> None:
    """A registry can be taken out of its subscription's plan, by a write or a delete."""
    written = plan_changed(scope=registry_id())
    removed = plan_changed(scope=registry_id(), deleted=True, at=T0 + 900)
    assert raised(written, removed) == UNKNOWN_STATE * 2
    (alert,) = alerts(plan_changed(scope=registry_id()))
    assert alert.registry == "example.azurecr.io"


def test_names_of_operations_are_compared_without_case() -> None:
    """They are upper case in the Activity Log, mixed in Event Grid."""
    resource = f"/SUBSCRIPTIONS/{SUBSCRIPTION}/PROVIDERS/MICROSOFT.SECURITY/PRICINGS/CONTAINERS"
    assert raised(resource_changed("MICROSOFT.SECURITY/PRICINGS/WRITE", resource)) == UNKNOWN_STATE


def test_the_activity_log_and_event_grid_tell_of_one_change() -> None:
    """They agree on the correlation id; whichever comes first is told."""
    scope = f"/subscriptions/{SUBSCRIPTION}"
    resource = f"{scope}/providers/Microsoft.Security/pricings/Containers"
    operation = "Microsoft.Security/pricings/write"
    grid = plan_changed(correlation="c-1")
    log = hub(activity(operation, resource, correlation="c-1", at=T0 + 2))
    assert raised(grid, log) == UNKNOWN_STATE
    assert raised(log, grid) == UNKNOWN_STATE


def test_start_and_failure_in_the_activity_log_are_no_changes() -> None:
    """The Activity Log has a record for the start of an operation and one for its end."""
    resource = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers"
    operation = "Microsoft.Security/pricings/write"
    records = [
        activity(operation, resource, result=result, correlation="c-2")
        for result in ("Start", "Accept", "Failure")
    ]
    assert raised(hub(*records)) == []
    assert raised(hub(*records, activity(operation, resource, result="Success"))) == UNKNOWN_STATE


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/policyExemptions/write",
        "Microsoft.Storage/storageAccounts/write",
    ],
)
def test_other_writes_belong_to_no_rule(operation: str) -> None:
    """Anonymous pull, admin users, network rules, tokens, exemptions: worth a rule some day."""
    assert raised(resource_changed(operation, registry_id())) == []
    assert raised(hub(activity(operation, registry_id()))) == []


@for_each(
    ("operation", "expected"),
    [
        ("listCredentials/action", ("acr-credentials-issued", "medium")),
        ("tasks/listDetails/action", ("acr-credentials-issued", "medium")),
        ("updatePolicies/write", ("acr-registry-exposed", "informational")),
        ("regenerateCredential/action", ("acr-credentials-issued", "high")),
        ("generateCredentials/action", ("acr-credentials-issued", "high")),
        ("tokens/write", ("acr-credentials-issued", "medium")),
        ("scopeMaps/write", ("acr-credentials-issued", "medium")),
        ("importImage/action", ("acr-supply-chain-changed", "low")),
        ("webhooks/write", ("acr-supply-chain-changed", "low")),
        ("exportPipelines/write", ("acr-supply-chain-changed", "medium")),
        ("write", ("acr-registry-exposed", "informational")),
    ],
)
def test_credentials_supply_and_settings_are_reported_from_either_record_once(
    operation: str, expected: tuple[str, str]
) -> None:
    """listCredentials, tokens, imports, anonymous pull and the rest."""
    named = f"Microsoft.ContainerRegistry/registries/{operation}"
    grid = resource_changed(named, registry_id(), correlation="c-7")
    log = hub(activity(named, registry_id(), correlation="c-7"))
    assert raised(grid) == raised(log) == raised(grid, log) == [expected]


def test_an_event_without_a_request_is_read() -> None:
    """httpRequest is there only if an existing resource is updated or deleted."""
    made = plan_changed()
    made["data"]["httpRequest"] = {"clientIpAddress": "203.0.113.9", "method": "PUT"}
    made["data"]["claims"].pop("ipaddr")
    (alert,) = alerts(made)
    assert alert.actor.ip == "203.0.113.9"
    made = plan_changed()
    made["data"] |= {"httpRequest": None, "claims": None, "authorization": None}
    (alert,) = alerts(made)
    assert alert.actor.id is None


def test_a_retention_policy_deletes_many_and_can_be_ignored() -> None:
    """Retention and `acr purge` delete many manifests, each by a request of its own."""
    made = [deleted(f"i{n}", at=T0 + n, by="acr-purge") for n in range(5)]
    assert raised(made) == ONE_DELETED * 5
    assert raised(made, ACR_IMAGES_DELETED_IGNORE_ACTORS="acr-purge") == []


# 3. A repository's delete or an image's


def test_the_log_of_a_delete_without_an_image_is_the_repositorys() -> None:
    """First: the record names neither digest nor tag. It has the identity and the address."""
    (alert,) = alerts(hub(logged("Delete", None, None, status="202", by="mallory")))
    assert (alert.rule, alert.severity.value) == GONE[0]
    assert (alert.actor.id, alert.actor.ip) == ("mallory", "203.0.113.40")


@pytest.mark.parametrize("missing", ["", None, "<nil>"])
def test_missing_has_three_spellings(missing: str | None) -> None:
    """Empty, null or the text "<nil>"."""
    made = logged("Delete", None, None)
    made["properties"] |= {"digest": missing, "tag": missing}
    assert raised(hub(made)) == GONE


def test_the_log_of_a_delete_with_an_image_is_the_images() -> None:
    """By tag or by digest."""
    assert raised(hub(logged("Delete", "a", None))) == ONE_DELETED
    assert raised(hub(logged("Delete", None, digest("a")))) == ONE_DELETED
    assert raised(hub(logged("Delete", "a", "latest"))) == [("acr-images-deleted", "medium")]


def test_a_delete_that_failed_is_none() -> None:
    """Locked repositories and missing rights."""
    assert raised(hub(logged("Delete", None, None, status="405"))) == []
    assert raised(hub(logged("Delete", "a", None, status="404"))) == []


@pytest.mark.parametrize("target", [{"digest": ""}, {"digest": None}, {}])
def test_an_event_without_a_digest_is_the_repositorys(target: Json) -> None:
    """Second: registries of old say so with an event that names no digest."""
    made = deleted(None)
    made["data"]["target"] |= target
    assert raised(made) == GONE


def test_the_delete_of_a_registry_takes_all_its_repositories() -> None:
    """Told by the event alone, without a list of registries."""
    deletion = "Microsoft.ContainerRegistry/registries/delete"
    assert raised(resource_changed(deletion, registry_id())) == GONE
    assert raised(hub(activity(deletion, registry_id()))) == GONE


MAYBE_GONE = [(GONE[0][0], "medium")]


def test_several_images_of_one_request_may_be_the_repositorys() -> None:
    """Third: an image takes its signature and SBOM along, so only the registry can say."""
    made = [deleted(f"i{n}", request="r-1", at=T0 + n / 100) for n in range(40)]
    assert sorted(raised(made)) == sorted([*ONE_DELETED, *MAYBE_GONE])
    assert raised(*made) == [*ONE_DELETED, *MAYBE_GONE]


def test_after_a_repositorys_delete_its_images_raise_nothing_more() -> None:
    """It supersedes the deletes of its images, whichever source tells first."""
    log = hub(logged("Delete", None, None, status="202", at=T0))
    images = [deleted(f"i{n}", request="r-1", at=T0 + 1) for n in range(40)]
    assert raised(log, images) == GONE
    assert sorted(raised(images, log)) == sorted([*ONE_DELETED, *MAYBE_GONE, *GONE])


def test_after_an_event_without_a_digest_the_images_of_its_request_raise_nothing_more() -> None:
    """The request said itself that it deletes the repository; in whatever order they come."""
    whole = deleted(None, request="r-1", at=T0)
    images = [deleted(f"i{n}", request="r-1", at=T0 + n / 100) for n in range(3)]
    assert raised(whole, *images) == GONE
    assert raised(*images, whole) == [*ONE_DELETED, *MAYBE_GONE, *GONE]
    assert raised(whole, deleted("other", request="r-2")) == [*GONE, *ONE_DELETED]


def test_a_delete_by_tag_alone_can_take_a_protected_tag() -> None:
    """Where the log names no digest, the tag is both the image and what went with it."""
    assert raised(hub(logged("Delete", None, "v1"))) == [("acr-images-deleted", "medium")]
    assert raised(hub(logged("Delete", None, "dev"))) == ONE_DELETED


def test_records_without_a_correlation_id_are_told_apart() -> None:
    """By registry and time; and the alert then names no event instead of an empty one."""
    gone = [logged("Delete", None, None, registry=name) for name in ("one", "another")]
    for record in gone:
        del record["correlationId"]
    made = alerts(hub(*gone))
    assert [(alert.rule, alert.severity.value) for alert in made] == GONE * 2
    assert [alert.events for alert in made] == [(), ()]
    plans = [
        activity(
            "Microsoft.Security/pricings/write",
            f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/{plan}",
        )
        | {"correlationId": None}
        for plan in ("Containers", "CloudPosture")
    ]
    assert raised(hub(*plans)) == UNKNOWN_STATE * 2


def test_images_deleted_one_by_one_stay_images() -> None:
    """Each request is an image of its own; an index and its platforms count apart."""
    made = [deleted(f"i{n}", at=T0 + n) for n in range(3)]
    assert raised(made) == ONE_DELETED * 3


def test_one_image_is_told_once_by_log_and_event_grid() -> None:
    """Both tell of it, minutes apart, under ids of their own."""
    grid = deleted("a", at=T0)
    log = hub(logged("Delete", "a", None, at=T0 + 1))
    assert raised(grid, log) == ONE_DELETED
    assert raised(log, grid) == ONE_DELETED


def test_the_same_image_deleted_again_another_day_is_told_again() -> None:
    """It was pushed again in between; by then deleting here is familiar."""
    found = raised(deleted("a"), deleted("a", at=T0 + 7 * 86_400))
    assert found == [*ONE_DELETED, ("acr-images-deleted", "informational")]


def test_deletes_of_the_same_name_in_two_registries_are_two() -> None:
    """A repository is one of its registry."""
    assert raised(deleted(None), deleted(None, registry="another")) == GONE * 2


def test_a_tag_taken_off_is_no_deletion() -> None:
    """Event Grid has no event for it, and the log's Untag deletes no image."""
    assert raised(hub(logged("Untag", "a", "latest"))) == []


_AT = f"/subscriptions/{SUBSCRIPTION}"


@for_each(
    ("operation", "resource"),
    [
        (
            "Microsoft.Security/alertsSuppressionRules/write",
            f"{_AT}/providers/Microsoft.Security/alertsSuppressionRules/quiet",
        ),
        (
            "Microsoft.Authorization/policyExemptions/write",
            f"{registry_id()}/providers/Microsoft.Authorization/policyExemptions/e",
        ),
        ("Microsoft.ContainerRegistry/registries/updatePolicies/read", registry_id()),
    ],
)
def test_a_change_of_no_rule_raises_nothing(operation: str, resource: str) -> None:
    """Microsoft Defender's and Azure Policy's exemptions are no change of the registry itself."""
    assert raised(resource_changed(operation, resource)) == []
    assert raised(hub(activity(operation, resource))) == []


def test_a_webhooks_body_is_no_document_of_ours() -> None:
    """ACR's own webhooks send the body of the same event, without type, topic and event id."""
    reading = read(json.dumps(deleted()["data"]).encode())
    assert (reading.events, reading.problems) == ([], [])
    assert reading.other == {"ACR webhook calls": 1}
