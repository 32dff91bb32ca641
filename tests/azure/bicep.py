"""Bicep files as trees: what they declare, what they name, what they pass to one another.

There is no Bicep compiler among what these tests may install. This is what can be known of the
files without one: two parsers agree that they are sound, and every name means something.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import tree_sitter
import tree_sitter_bicep

INFRA = Path(__file__).parents[2] / "infra" / "azure"

# Functions of Bicep that these files may call, and its namespaces.
BUILT_IN = frozenset(
    re.findall(
        r"\w+",
        "array concat contains deployment empty environment filter guid items join last length "
        "loadTextContent map replace resourceGroup resourceId split subscription "
        "subscriptionResourceId take toLower union "
        "uniqueString description secure allowed minLength maxLength minValue maxValue",
    )
)

_parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_DECLARATIONS = {
    "parameter_declaration": "parameters",
    "variable_declaration": "variables",
    "resource_declaration": "resources",
    "module_declaration": "modules",
    "output_declaration": "outputs",
}


class Module(msgspec.Struct):
    """A module as it is used: its file and the names of the parameters that it is given."""

    file: str
    given: set[str]


class BicepFile(msgspec.Struct):
    """What one file declares and names. `outputs_read` holds (module, output)."""

    path: Path
    sound: bool
    parameters: set[str] = set()
    required: set[str] = set()
    variables: set[str] = set()
    resources: dict[str, str] = {}
    modules: dict[str, Module] = {}
    outputs: set[str] = set()
    named: set[str] = set()
    called: set[str] = set()
    local: set[str] = set()
    outputs_read: set[tuple[str, str]] = set()
    strings: set[str] = set()

    @property
    def declared(self) -> set[str]:
        return self.parameters | self.variables | {*self.resources} | {*self.modules} | self.local


def files() -> list[Path]:
    """All Bicep files of the project."""
    return sorted(INFRA.rglob("*.bicep"))


def read(path: Path) -> BicepFile:
    """Read one file."""
    root = _parser.parse(path.read_bytes()).root_node
    found = BicepFile(path, sound=not root.has_error)
    for node in _walk(root):
        _note(node, found)
    return found


def _note(node: tree_sitter.Node, found: BicepFile) -> None:
    match node.type:
        case "parameter_declaration" | "variable_declaration" | "output_declaration":
            name = _text(node.named_children[0])
            kind: set[str] = getattr(found, _DECLARATIONS[node.type])
            kind.add(name)
            if node.type == "parameter_declaration" and len(node.named_children) == 2:
                found.required.add(name)
        case "resource_declaration":
            name, kind_of = map(_text, node.named_children[:2])
            found.resources[name] = kind_of.strip("'")
        case "module_declaration":
            name, file = map(_text, node.named_children[:2])
            found.modules[name] = Module(file.strip("'"), _given(node))
        case "loop_variable" | "loop_enumerator":
            found.local.add(_text(node))
        case "identifier" if _is_loop_variable(node):
            found.local.add(_text(node))
        case "identifier" if not _is_declared_here(node):
            call = node.parent is not None and node.parent.type == "call_expression"
            (found.called if call else found.named).add(_text(node))
        case "member_expression":
            inner = node.named_children[0]
            if inner.type == "member_expression" and _text(inner).endswith(".outputs"):
                module = _text(inner.named_children[0])
                found.outputs_read.add((module, _text(node.named_children[1])))
        case "string":
            found.strings.add(_text(node).strip("'"))


def _is_loop_variable(node: tree_sitter.Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "for_statement" and parent.named_child(0) == node


def _is_declared_here(node: tree_sitter.Node) -> bool:
    """Whether the identifier is a name that is given, or a key, and not one that is used."""
    parent = node.parent
    if parent is None or parent.named_children[0] != node:
        return False
    return parent.type in _DECLARATIONS or parent.type == "object_property"


def _given(module: tree_sitter.Node) -> set[str]:
    for node in _walk(module):
        if node.type == "object_property" and _text(node.named_children[0]) == "params":
            properties = node.named_children[1].named_children
            return {
                _text(each.named_children[0])
                for each in properties
                if each.type == "object_property"
            }
    return set()


def _walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()
