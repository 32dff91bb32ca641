"""acr-forced-repository-deletion on Azure, in every way in which ACR may tell of it."""

import pytest

from registrywatch.azure.rechecks import decode
from registrywatch.azure.scope import WatchScope
from registrywatch.severity import Severity
from tests.azure.given import Scene
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.azure import deleted, hub, logged, pushed, registry_id, resource_changed
from tests.builders.clock import T0

GONE = "acr-forced-repository-deletion"
IMAGES = "acr-images-deleted"
REPOSITORY = "/acr/v1/orders-api"
UNKNOWN_NAME = Answer(404, {"errors": [{"code": "NAME_UNKNOWN", "message": "not known"}]})


@pytest.fixture
def registry(azure: HttpStub) -> HttpStub:
    """A registry that hands out tokens; its repository holds twelve images."""
    azure.answers("/oauth2/exchange", {"refresh_token": "refresh"})
    azure.answers("/oauth2/token", {"access_token": "access"})
    holds(azure, 12)
    return azure


def holds(azure: HttpStub, images: int) -> None:
    azure.answers(REPOSITORY, {"imageName": "orders-api", "manifestCount": images})


def look_again(scene: Scene) -> list[int]:
    """Handle what lies on the queue of rechecks until nothing does; give the delays."""
    delays = []
    while scene.queue.messages:
        text, delay = scene.queue.take()
        delays.append(delay)
        scene.another_worker().recheck(decode(text))
    return delays


def test_the_log_shows_it_by_a_delete_that_names_no_image(scene: Scene) -> None:
    scene.arrive(
        hub(logged("Delete", image=None, tag=None, status="202", by="mallory@example.com"))
    )
    [alert] = scene.alerts
    assert (alert.rule, alert.severity) == (GONE, Severity.HIGH)
    assert alert.actor.id == "mallory@example.com"


def test_event_grid_shows_it_by_a_delete_without_a_digest(scene: Scene) -> None:
    scene.arrive(deleted(image=None))
    assert scene.rules() == [GONE]


def test_several_images_in_one_request_are_the_repository_if_the_registry_no_longer_has_it(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(5)))
    assert scene.rules() == [IMAGES]
    registry.answers(REPOSITORY, UNKNOWN_NAME)
    look_again(scene)
    assert scene.rules() == [IMAGES, GONE]
    assert scene.alerts[1].severity is Severity.HIGH


def test_an_image_deleted_with_its_signature_is_no_repository(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(3)))
    look_again(scene)
    assert scene.rules() == [IMAGES]


def test_several_images_in_one_request_are_medium_where_the_registry_does_not_answer(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(3)))
    registry.answers(REPOSITORY, Answer(403))
    look_again(scene)
    assert scene.rules() == [IMAGES, GONE]
    assert scene.alerts[1].severity is Severity.MEDIUM


def test_several_images_in_one_request_are_medium_where_nobody_can_ask(azure: HttpStub) -> None:
    scene = Scene(azure, WatchScope())
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(3)))
    assert sorted(scene.rules()) == sorted([IMAGES, GONE])
    assert max(alert.severity for alert in scene.alerts) is Severity.MEDIUM
    scene.arrive(hub(logged("Delete", image=None, tag=None, status="202")))
    assert [alert.severity for alert in scene.alerts[2:]] == [Severity.HIGH]


def test_two_images_in_two_requests_are_two_images(scene: Scene) -> None:
    scene.arrive(deleted("one"), deleted("two"))
    assert scene.rules() == [IMAGES, IMAGES]


def test_what_the_log_reports_later_is_not_reported_again(scene: Scene) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(3)))
    scene.arrive(hub(*(logged("Delete", f"image-{n}", None, status="202") for n in range(3))))
    scene.arrive(hub(logged("Delete", image=None, tag=None, status="202")))
    assert scene.rules() == [IMAGES, GONE]


def test_the_number_of_images_lost_is_given_once_a_push_made_us_count(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(pushed())
    look_again(scene)
    scene.arrive(deleted(image=None))
    assert "with its 12 images" in scene.alerts[-1].summary


def test_a_repository_found_gone_after_a_single_delete_lost_what_it_held(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(pushed())
    look_again(scene)
    scene.arrive(deleted("one", by="mallory"))
    registry.answers(REPOSITORY, UNKNOWN_NAME)
    assert look_again(scene) == [90]
    assert scene.rules() == [IMAGES, GONE]
    assert scene.alerts[1].severity is Severity.HIGH
    assert scene.alerts[1].actor.id == "mallory"
    assert "with its 12 images" in scene.alerts[1].summary


def test_a_repository_gone_of_which_nothing_is_known_may_have_lost_its_last_image(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(deleted("one"))
    registry.answers(REPOSITORY, UNKNOWN_NAME)
    look_again(scene)
    assert scene.rules() == [IMAGES, GONE]
    assert scene.alerts[1].severity is Severity.MEDIUM


def test_a_repository_that_goes_with_its_last_image_is_that_images_delete(
    scene: Scene, registry: HttpStub
) -> None:
    holds(registry, 1)
    scene.arrive(pushed())
    look_again(scene)
    scene.arrive(deleted("one"))
    registry.answers(REPOSITORY, UNKNOWN_NAME)
    look_again(scene)
    assert scene.rules() == [IMAGES]


def test_a_repository_that_is_still_there_lost_an_image(scene: Scene, registry: HttpStub) -> None:
    scene.arrive(deleted("one"))
    look_again(scene)
    assert scene.rules() == [IMAGES]


def test_found_gone_and_reported_by_the_log_is_one_alert(scene: Scene, registry: HttpStub) -> None:
    scene.arrive(deleted("one"))
    registry.answers(REPOSITORY, UNKNOWN_NAME)
    look_again(scene)
    scene.arrive(hub(logged("Delete", image=None, tag=None, status="202", at=T0 + 1)))
    assert scene.rules() == [IMAGES, GONE]


@pytest.mark.parametrize("failure", [Answer(401), Answer(403), Answer(404, {}), Answer(500)])
def test_a_registry_that_does_not_tell_is_asked_again_and_nothing_is_made_up(
    scene: Scene, registry: HttpStub, failure: Answer
) -> None:
    scene.arrive(deleted("one"))
    registry.answers(REPOSITORY, failure)
    assert look_again(scene) == [90, 300, 900]
    assert scene.rules() == [IMAGES]


def test_a_burst_of_deletes_is_looked_into_once(scene: Scene, registry: HttpStub) -> None:
    scene.arrive(*(deleted(f"image-{n}") for n in range(30)))
    assert look_again(scene) == [90]


def test_tokens_go_to_watched_registries_alone(scene: Scene, registry: HttpStub) -> None:
    spoofed = deleted("one")
    spoofed["data"]["request"]["host"] = "evil.example"
    scene.arrive(spoofed, deleted("two", registry="somebody-elses"))
    assert look_again(scene) == []
    assert registry.asked == []


def test_only_metadata_is_asked_for(scene: Scene, registry: HttpStub) -> None:
    scene.arrive(deleted("one"))
    look_again(scene)
    exchange, token, count = registry.asked
    assert exchange.form["access_token"] == "entra-token"
    assert token.form["scope"] == "repository:orders-api:metadata_read"
    assert (count.method, count.path) == ("GET", REPOSITORY)
    assert count.headers["Authorization"] == "Bearer access"


def test_a_watched_registry_that_is_deleted_went_with_all_its_repositories(scene: Scene) -> None:
    scene.arrive(resource_changed("Microsoft.ContainerRegistry/registries/delete", registry_id()))
    [alert] = scene.alerts
    assert (alert.rule, alert.severity) == (GONE, Severity.HIGH)
    assert "deleted the whole registry" in alert.summary


def test_without_a_list_of_registries_every_deleted_registry_is_reported(azure: HttpStub) -> None:
    scene = Scene(azure, WatchScope())
    deletion = "Microsoft.ContainerRegistry/registries/delete"
    scene.arrive(resource_changed(deletion, registry_id("somebody-elses")))
    assert scene.rules() == [GONE]


def test_somebody_elses_registry_is_not_ours_to_tell_of(scene: Scene) -> None:
    deletion = "Microsoft.ContainerRegistry/registries/delete"
    scene.arrive(resource_changed(deletion, registry_id("somebody-elses")))
    assert scene.alerts == []


BURST = "acr-deletion-burst"


def test_many_images_of_one_request_are_a_burst_before_the_registry_was_asked(
    scene: Scene, registry: HttpStub
) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(50)))
    assert scene.rules() == [IMAGES]
    scene.arrive(deleted("image-50", request="r-1"))
    assert scene.rules() == [IMAGES, BURST]
    assert scene.alerts[1].severity is Severity.MEDIUM
    assert "deleted 50 images along with others" in scene.alerts[1].summary


def test_images_with_their_signatures_are_counted_once_each(scene: Scene) -> None:
    """24 images, each with a signature and an SBOM: 72 manifests."""
    gone = [
        deleted(f"image-{n}-{part}", request=f"r-{n}")
        for n in range(24)
        for part in ("image", "signature", "sbom")
    ]
    scene.arrive(*gone)
    assert BURST not in scene.rules()


def test_the_second_record_of_a_burst_s_images_counts_nothing_twice(scene: Scene) -> None:
    scene.arrive(*(deleted(f"image-{n}", request="r-1") for n in range(30)))
    scene.arrive(hub(*(logged("Delete", f"image-{n}", None, status="202") for n in range(30))))
    assert BURST not in scene.rules()
