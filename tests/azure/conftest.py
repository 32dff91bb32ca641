"""An Azure that answers as told, and a watcher that asks it."""

from collections.abc import Iterator

import pytest

from tests.azure.given import Scene
from tests.azure.http_stub import HttpStub, http_stub


@pytest.fixture
def azure() -> Iterator[HttpStub]:
    with http_stub() as stub:
        yield stub


@pytest.fixture
def scene(azure: HttpStub) -> Scene:
    return Scene(azure)
