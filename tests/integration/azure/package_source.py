"""The source of Microsoft's management packages, read as text: operations, models, known values.

The packages are generated, all in one way; what is not found in it is an error and not a guess.
"""

import ast
import functools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

_API_VERSION = re.compile(r'"(20\d\d-\d\d-\d\d(?:-preview)?)"')


class Operation(msgspec.Struct, frozen=True):
    """A PUT or a GET of one resource. `models`: of what is sent, and of what is answered."""

    version: str
    scope: str
    name: dict[str, Any]
    models: tuple[str | None, str | None]


class Model(msgspec.Struct, frozen=True):
    """A class: `_attribute_map`, `_validation`, `_subtype_map`, the annotations of `__init__`."""

    attributes: dict[str, dict[str, str]]
    limits: dict[str, dict[str, Any]]
    kinds: dict[str, dict[str, str]]
    annotations: dict[str, str]


class ApiVersion:
    """One folder of models and operations: of one API version, or of all that a package has.

    Nothing is read out of the wheel before it is asked for.
    """

    def __init__(self, wheel: zipfile.ZipFile, folder: str) -> None:
        self._wheel = wheel
        self._folder = folder
        named = re.search(r"/v(20\d\d)_(\d\d)_(\d\d)(_preview)?/$", folder)
        self._only = "-".join(filter(None, named.groups())).replace("-_", "-") if named else None

    def may_have(self, version: str) -> bool:
        return self._only in {None, version}

    def _read(self, room: str) -> list[str]:
        wanted = re.compile(rf"{self._folder}{room}/_\w+\.py")
        return [self._wheel.read(n).decode() for n in self._wheel.namelist() if wanted.fullmatch(n)]

    @functools.cached_property
    def _classes(self) -> dict[str, str]:
        return dict(_split("class ", "".join(self._read("models"))))

    @functools.cached_property
    def _operations(self) -> list[tuple[str, str]]:
        """The text of each file of operations, and in lower case."""
        return [(text, text.lower()) for text in self._read("operations")]

    @functools.cache  # noqa: B019 - it lives as long as the tests
    def operations(self, type_: str) -> list[Operation]:
        """Those on resources of that type."""
        return [
            Operation(version, scope, _limits_of_name(source, url), _models(text, builder, method))
            for text, lowered in self._operations
            if f"/{type_.split('/')[-1].lower()}/" in lowered
            for builder, source in _builders(text)
            for method in re.findall(r'method="(PUT|GET)"', source)
            for url in re.findall(r'"template_url",\s*"([^"]+)"', source)
            for scope in _scopes(url, type_)
            for version in _API_VERSION.findall(source)
        ]

    @functools.cache  # noqa: B019
    def model(self, name: str) -> Model:
        class_ = ast.parse(self._classes[name]).body[0]
        assert isinstance(class_, ast.ClassDef)
        maps: dict[str, Any] = {}
        annotations: dict[str, str] = {}
        for base in class_.bases:
            if isinstance(base, ast.Name) and base.id in self._classes:
                above = self.model(base.id)
                maps |= {"_attribute_map": above.attributes, "_validation": above.limits}
                annotations |= above.annotations
        for part in class_.body:
            match part:
                case ast.Assign(targets=[ast.Name(id=key)]):
                    maps[key] = ast.literal_eval(part.value)
                case ast.FunctionDef(name="__init__"):
                    for argument in part.args.kwonlyargs:
                        annotations[argument.arg] = ast.unparse(argument.annotation or argument)
        attributes, limits, kinds = (
            maps.get(each, {}) for each in ("_attribute_map", "_validation", "_subtype_map")
        )
        return Model(attributes, limits, kinds, annotations)

    @functools.cache  # noqa: B019
    def values(self, name: str) -> tuple[str, ...]:
        """The values of an enumeration; none for a model, or a name that is not there."""
        source = self._classes.get(name, "")
        if "Enum" not in source.partition("\n")[0]:
            return ()
        return tuple(dict.fromkeys(re.findall(r'^    \w+ = "([^"]*)"', source, re.MULTILINE)))


def open_wheels(folder: Path) -> Iterator[ApiVersion]:
    """Every API version in every wheel of a folder."""
    for path in sorted(folder.glob("*.whl")):
        wheel = zipfile.ZipFile(path)
        for name in wheel.namelist():
            if name.endswith("/operations/__init__.py") and "/aio/" not in name:
                yield ApiVersion(wheel, name.removesuffix("operations/__init__.py"))


@functools.cache
def _builders(text: str) -> list[tuple[str, str]]:
    """The functions that build a file's requests."""
    return [each for each in _split("def ", text) if each[0].startswith("build_")]


def _split(keyword: str, text: str) -> Iterator[tuple[str, str]]:
    """The top-level functions or classes of a file: name and source."""
    for part in re.split(r"^(?=def |class )", text, flags=re.MULTILINE):
        if part.startswith(keyword):
            yield part.removeprefix(keyword).partition("(")[0].strip(), part


def _scopes(url: str, type_: str) -> Iterator[str]:
    """Where a path of the type leads to: nothing if it is not of the type."""
    scope, provider, rest = url.rpartition("/providers/")
    if not provider:
        if type_.lower() == "microsoft.resources/resourcegroups" and re.fullmatch(
            r"/subscriptions/\{\w+\}/resourcegroups/\{\w+\}", url, re.IGNORECASE
        ):
            yield "subscription"
        return
    namespace, *parts = rest.split("/")
    if "/".join([namespace, *parts[::2]]).lower() != type_.lower() or len(parts) % 2:
        return
    if re.fullmatch(r"/\{\w+\}", scope):
        yield "any"
    else:
        yield {3: "subscription", 5: "resourceGroup"}.get(len(scope.split("/")), "other")


def _limits_of_name(source: str, url: str) -> dict[str, Any]:
    """What the last part of a path takes: a fixed name, or the limits of the parameter."""
    last = url.rpartition("/")[2]
    if not last.startswith("{"):
        return {"values": (last,)}
    call = re.search(rf'"{last[1:-1]}": _SERIALIZER\.url\((.*?)\),?\n', source, re.S)
    limits = ast.parse(f"f({call[1]})", mode="eval").body if call else None
    assert isinstance(limits, ast.Call), url
    return {each.arg: ast.literal_eval(each.value) for each in limits.keywords if each.arg}


def _models(text: str, builder: str, method: str) -> tuple[str | None, str | None]:
    """The models that the method sends and is answered with, which uses the builder."""
    used = text.index(f"request = {builder}(")
    start = text.rindex("\n    def ", 0, used)
    head = text[start : text.index(":\n", text.index(") ->", start))].strip()
    [function] = ast.parse(f"{head}: ...").body
    assert isinstance(function, ast.FunctionDef)
    sent = [ast.unparse(each.annotation) for each in function.args.args if each.annotation]
    models = [name for each in sent for name in re.findall(r"_models\.(\w+)", each)]
    answer = re.search(r"_models\.(\w+)", ast.unparse(function.returns or function))
    return models[0] if models and method == "PUT" else None, answer[1] if answer else None
