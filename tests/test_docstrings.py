"""The docstrings of functions that act are in the imperative: "Read a template", not "Reads"."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def first_words() -> Iterator[tuple[str, str]]:
    """The first word of each function's docstring, and where the function is."""
    for folder in ("shared", "functions", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)):
                    yield text.split()[0], f"{path.relative_to(ROOT)}: {node.name}"


def test_no_verb_begins_docstrings_in_two_forms() -> None:
    words = dict(first_words())
    verbs = [word for word in words if len(word) > 1]
    third_person = {f"{word}{end}" for word in verbs for end in ("s", "es")}
    assert {word: place for word, place in words.items() if word in third_person} == {}
