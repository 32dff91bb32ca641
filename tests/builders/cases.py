"""One test over many examples of one behaviour."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]


def for_each(
    names: str | Sequence[str],
    examples: Iterable[Any],
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Test], Test]:
    """Call the test with every example, as `parametrize` would, but as one test.

    Use it for examples that need no fixtures of their own. The first example that fails ends the
    test; a note names it.
    """
    parameters = names.replace(" ", "").split(",") if isinstance(names, str) else [*names]
    table = [_values(example, len(parameters)) for example in examples]
    if not table:
        raise ValueError(f"{parameters}: there is no example")
    if callable(ids):
        labels: list[object] = [[ids(value) for value in values] for values in table]
    else:
        labels = [*(table if ids is None else ids)]

    def decorate(test: Test) -> Test:
        signature = inspect.signature(test)
        fixtures = [each for each in signature.parameters.values() if each.name not in parameters]

        @functools.wraps(test)
        def over_all(*instance: object, **given: object) -> None:
            for label, values in zip(labels, table, strict=True):
                try:
                    test(*instance, **dict(zip(parameters, values, strict=True)), **given)
                except BaseException as failure:
                    failure.add_note(f"example: {label!r}")
                    raise

        over_all.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return over_all

    return decorate


def _values(example: Any, number: int) -> tuple[Any, ...]:
    """The values of one example, which may be a `pytest.param`."""
    if isinstance(example, type(pytest.param())):
        return tuple(example.values)
    return (example,) if number == 1 else tuple(example)
