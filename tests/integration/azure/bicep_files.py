"""Bicep files parsed: what each declares, and which properties of resources it reads."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import tree_sitter
import tree_sitter_bicep

from tests.integration.azure.bicep_values import Read

_parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))


class Template(msgspec.Struct):
    """One file, parsed."""

    name: str
    scope: str
    parameters: dict[str, tree_sitter.Node]
    decorators: dict[str, list[tree_sitter.Node]]
    variables: dict[str, tree_sitter.Node]
    resources: dict[str, tree_sitter.Node]
    modules: dict[str, tree_sitter.Node]
    outputs: dict[str, tree_sitter.Node]
    reads: list[Read]


def files_in(folder: Path) -> dict[str, str]:
    """The Bicep files below a folder: relative path to text."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.bicep")}


def parse(name: str, text: str) -> Template:
    """Raises ValueError for a file that is no Bicep."""
    root = _parser.parse(text.encode()).root_node
    if root.has_error:
        raise ValueError(f"{name}: not understood")
    parts: dict[str, dict[str, tree_sitter.Node]] = {
        f"{kind}_declaration": {}
        for kind in ("parameter", "variable", "resource", "module", "output")
    }
    scope, waiting, decorators = "resourceGroup", [], {}
    for node in children(root):
        if node.type == "target_scope_assignment":
            scope = written(node.named_children[0]).strip("'")
        elif node.type == "decorators":
            waiting = [each.named_children[0] for each in node.named_children]
        elif node.type in parts:
            symbol = written(node.named_children[0])
            parts[node.type][symbol] = node
            decorators[symbol], waiting = waiting, []
    parameters, variables, resources, modules, outputs = parts.values()
    reads = [
        Read(name, symbol, path)
        for symbol, path in _chains(root)
        if symbol in resources and path[:1] not in {("id",), ("name",), ("type",)}
    ]
    return Template(
        name, scope, parameters, decorators, variables, resources, modules, outputs, reads
    )


def _chains(root: tree_sitter.Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every `symbol.a.b` in its full length."""
    for node in walk(root):
        if node.type != "member_expression":
            continue
        if node.parent is not None and node.parent.type == "member_expression":
            continue
        path: list[str] = []
        while node.type in {"member_expression", "subscript_expression"}:
            if node.type == "member_expression":
                path.insert(0, written(node.named_children[1]))
            node = node.named_children[0]
        yield written(node), tuple(path)


def children(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    return [each for each in node.named_children if not each.type.endswith("comment")]


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def written(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()
