"""What makes two sightings the same, and what keeps them apart."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.windows.sightings import (
    PART,
    hashed,
    of_call,
    of_image,
    of_repository,
    repository_hash,
    repository_of,
)
from tests.builders.cloudtrail import digest

HERE, THERE = repository_hash("registry", "here"), repository_hash("registry", "there")
DIGEST = digest("a")


@pytest.mark.parametrize("other", [("b", "a"), ("ab",), ("a", "b", ""), ("a\x00b",), ("a1:b",)])
def test_hashes_differ_where_their_parts_do(other: tuple[str, ...]) -> None:
    assert hashed("a", "b", size=8) != hashed(*other, size=8)


def test_a_lone_surrogate_in_a_name_is_hashed_like_any_other_text() -> None:
    assert of_image(HERE, "\ud800") != of_image(HERE, "\ud801")


images = st.text() | st.integers().map(digest) | st.sampled_from(["sha256:", DIGEST[:-1]])


@given(images, st.booleans())
def test_a_sighting_has_64_bits_tells_its_kind_and_its_repository(image: str, part: bool) -> None:
    seen = of_image(HERE, image, part)
    assert 0 <= seen < 2**64
    assert bool(seen & PART) == part
    assert repository_of(seen) == repository_of(HERE) != repository_of(THERE)
    assert of_image(HERE, image, part) == seen != of_image(HERE, image, not part)


def test_an_image_is_another_one_in_another_repository() -> None:
    for image in ("latest", DIGEST):
        assert of_image(HERE, image) != of_image(THERE, image)


def test_even_where_the_bits_of_two_repositories_are_the_same() -> None:
    alike = HERE ^ 2
    assert repository_of(alike) == repository_of(HERE)
    assert of_image(HERE, DIGEST) != of_image(alike, DIGEST)


def test_digests_tags_and_what_only_resembles_a_digest_differ() -> None:
    odd = ["sha256:" + "g" * 64, "sha256:" + "-" * 64, "sha512:" + "a" * 128, DIGEST[7:]]
    names = [DIGEST, digest("b"), "latest", "sha256:", DIGEST[:-1], DIGEST + "0", *odd]
    seen = [of_image(HERE, name) for name in names]
    assert all(one != other for one, other in itertools.combinations(seen, 2))


def test_the_sighting_of_a_repository_or_a_call_is_exact() -> None:
    assert not of_repository(HERE | PART) & PART
    assert not of_call(HERE, "event-1") & PART
    assert of_call(HERE, "event-1") != of_call(HERE, "event-2")
