"""What the tests of the pages share."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.components import require
from tests.report.browser import Browser, chromium


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the developer's, no terminal; the collector as it was."""
    for name in [name for name in os.environ if name.startswith("REGISTRYWATCH_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, to be run in a page."""
    return (require("axe-core") / "package/axe.min.js").read_text()


@pytest.fixture
def faults(browser: Browser, axe: str) -> Any:
    """What axe-core finds wrong in the open page: rule and element."""

    def found() -> list[str]:
        browser.run(axe)
        said = browser.run_later(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']})"
            ".then((all) => done(all.violations.flatMap((each) => each.nodes.map("
            "(node) => `${each.id}: ${node.html.slice(0, 120)}`))))"
            ".catch((error) => done([String(error)]));"
        )
        return [str(each) for each in said]

    return found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The day with an attack in it."""
    from tests.builders.day import write

    folder = tmp_path_factory.mktemp("demo")
    write(folder)
    return folder
