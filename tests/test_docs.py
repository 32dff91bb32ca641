"""The generated pages lie in docs/ as their sources would write them today."""

import re
from pathlib import Path

import pytest

from registrywatch.rules import CATALOGUE
from registrywatch.settings.destinations import every_place
from registrywatch.settings.variables import every_variable
from tests.builders.cases import for_each
from tools.docs import DOCS, pages


@pytest.mark.parametrize("name", pages())
def test_the_page_in_docs_is_up_to_date(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == pages()[name], f"docs/{name} is stale: run `make docs`"


def test_every_variable_is_in_the_settings_page() -> None:
    page = pages()["settings.md"]
    for variable in every_variable():
        name = variable.name
        for rule in CATALOGUE:
            name = name.replace(f"_{rule.stem}_", "_<RULE>_")
        names = [
            name,
            *(name.replace(f"_{each.kind.stem}_", "_<DESTINATION>_") for each in every_place()),
        ]
        assert any(f"`{each}`" in page for each in names), name


def test_defaults_that_differ_between_rules_are_all_listed() -> None:
    (threshold,) = [line for line in pages()["settings.md"].splitlines() if "_THRESHOLD`" in line]
    assert re.search(r"`50`.* or `100` \|$", threshold)


def test_the_readme_names_every_rule() -> None:
    text = (DOCS.parent / "README.md").read_text("utf-8")
    named = set(re.findall(r"`((?:ecr|acr)-[a-z-]+)`", text))
    assert named == {rule.name for rule in CATALOGUE}


PAGES = sorted([*DOCS.glob("*.md"), *DOCS.parent.glob("*.md")])


@for_each("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        found = page.parent / path if path else page
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", found.read_text("utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
