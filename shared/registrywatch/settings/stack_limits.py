"""What a template lets its parameters be, as CloudFormation checks it when a deployment begins.

The template is read line by line, as in `stack_parameters`: an attribute is one line, or a list.
"""

import json
import re
from collections.abc import Mapping

import msgspec

_PARAMETER = re.compile(r"^  (\w+):\s*$(.*?)(?=^  \w|\Z)", re.MULTILINE | re.DOTALL)
_ATTRIBUTE = re.compile(r"^    (\w+): *(.*)$", re.MULTILINE)
_ITEM = re.compile(r"^      - *(.*)$", re.MULTILINE)


class Limit(msgspec.Struct, frozen=True):
    """What one parameter may be. None or empty is no limit."""

    values: tuple[str, ...] = ()
    pattern: str | None = None
    least: int | None = None
    most: int | None = None
    hint: str | None = None

    def problem(self, name: str, value: str) -> str | None:
        """Why CloudFormation refuses the value, None if it takes it.

        A value that misses a pattern is not shown: it may be a secret in the wrong place.
        """
        if self.values and value not in self.values:
            allowed = ", ".join(each or "empty" for each in self.values)
            return f"{name}: {value!a} can't be used; it must be one of {allowed}"
        if self.pattern is not None and re.fullmatch(self.pattern, value) is None:
            return f"{name} can't be used: {self.hint or f'it must match {self.pattern}'}"
        if self.least is not None and self.most is not None:
            number = int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None
            if number is None or not self.least <= number <= self.most:
                return (
                    f"{name}: {value!a} can't be used; it must be a whole number from "
                    f"{self.least:,} to {self.most:,}"
                )
        return None


def limits_in(parameters: str) -> dict[str, Limit]:
    """The limit of each parameter, from the text of a template's section Parameters."""
    return {name: _limit(body) for name, body in _PARAMETER.findall(parameters)}


def refused(limits: Mapping[str, Limit], given: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each given parameter that CloudFormation would refuse, by its name."""
    problems = {name: limits[name].problem(name, value) for name, value in given.items()}
    return {name: problem for name, problem in problems.items() if problem}


def _limit(body: str) -> Limit:
    found = dict(_ATTRIBUTE.findall(body))
    values = found.get("AllowedValues")
    if values:
        items = values.strip("[]").split(", ")
    else:
        items = _ITEM.findall(body) if values is not None else []
    return Limit(
        tuple(map(_scalar, items)),
        _scalar(found["AllowedPattern"]) if "AllowedPattern" in found else None,
        int(found["MinValue"]) if "MinValue" in found else None,
        int(found["MaxValue"]) if "MaxValue" in found else None,
        found.get("ConstraintDescription"),
    )


def _scalar(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
