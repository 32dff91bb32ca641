"""IAM's evaluation of a resource policy, written for tests from AWS's documentation alone.

It shares no code with the grader. A request is a dictionary of condition keys (lower case) with
lists of values; a key that is not in it is missing. A caller is admitted if some Allow matches and
no Deny does.
"""

import fnmatch
import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

Request = Mapping[str, Sequence[str]]


def admits(policy: Mapping[str, Any], request: Request, action: str) -> bool:
    """Whether the policy admits the request, whose principal is in `principal` and `account`."""
    matching = [each for each in policy["Statement"] if _matches(each, request, action)]
    effects = {each["Effect"] for each in matching}
    return "Allow" in effects and "Deny" not in effects


def _matches(statement: Mapping[str, Any], request: Request, action: str) -> bool:
    if "Principal" in statement:
        named = _is_named(statement["Principal"], request)
    else:
        named = not _is_named(statement["NotPrincipal"], request)
    if "Action" in statement:
        acted = _acts(statement["Action"], action)
    else:
        acted = not _acts(statement["NotAction"], action)
    return named and acted and _conditions(statement.get("Condition", {}), request)


def _is_named(principal: Any, request: Request) -> bool:
    if principal == "*":
        return True
    for kind, names in principal.items():
        for name in names if isinstance(names, list) else [names]:
            if kind == "AWS" and name == "*":
                return True
            if kind == "AWS" and name in (
                *request.get("account", ()),
                *(f"arn:aws:iam::{account}:root" for account in request.get("account", ())),
            ):
                return True
            if kind == "Service" and name in request.get("service", ()):
                return True
    return False


def _acts(actions: Any, action: str) -> bool:
    patterns = actions if isinstance(actions, list) else [actions]
    return any(_like(pattern.lower(), action.lower()) for pattern in patterns)


def _conditions(conditions: Mapping[str, Any], request: Request) -> bool:
    return all(
        _test(operator, request.get(key.lower()), values if isinstance(values, list) else [values],
              request)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )  # fmt: skip


def _test(
    operator: str, held: Sequence[str] | None, wanted: Sequence[str], request: Request
) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return any((held is None) is (value == "true") for value in wanted)
    if not held:
        if optional or quantifier == "ForAllValues":
            return True
        return False if quantifier == "ForAnyValue" else "Not" in name
    negated = "Not" in name
    one = [
        (not any(_equal(name, value, _filled(each, request)) for each in wanted))
        if negated
        else any(_equal(name, value, _filled(each, request)) for each in wanted)
        for value in held
    ]
    return any(one) if quantifier == "ForAnyValue" else all(one)


def _filled(text: str, request: Request) -> str | None:
    """Policy variables; one without a value equals nothing."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        held = request.get(match[1].lower())
        missing = missing or not held
        return held[0] if held else ""

    filled = re.sub(r"\$\{([^}]*)\}", value, text)
    return None if missing else filled


def _equal(name: str, value: str, wanted: str | None) -> bool:
    if wanted is None:
        return False
    if name.startswith("Arn"):
        fields, patterns = value.split(":", 5), wanted.split(":", 5)
        return len(patterns) == 6 and all(map(_like, patterns, fields))
    if name.endswith("IpAddress"):
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    if name == "Bool":
        return value.lower() == wanted.lower()
    if name.endswith("Like"):
        return _like(wanted, value)
    return value.lower() == wanted.lower() if "IgnoreCase" in name else value == wanted


def _like(pattern: str, text: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
