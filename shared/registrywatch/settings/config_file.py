"""REGISTRYWATCH_CONFIG: settings in a JSON object: in a file, in SSM, or in the variable itself."""

from collections.abc import Callable
from typing import Any

import msgspec

from registrywatch.errors import SecretError, SettingsError, reason_of
from registrywatch.settings.variables import CONFIG
from registrywatch.variables import PREFIX


def load(where: str, fetch: Callable[[str], str]) -> dict[str, str]:
    """The settings stored at `where`, as the environment would hold them.

    `fetch` gets the value of `ssm:NAME`. Raises SettingsError if they can't be read or used.
    """
    given = where.lstrip().startswith("{")
    shown = CONFIG if given else f"{CONFIG}={where!r}"  # the object itself may hold secrets
    try:
        text = where if given else _read(where, fetch)
        found = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise SettingsError(f"{shown}: is not a JSON object of settings: {error}") from error
    except (OSError, ValueError, SecretError) as error:
        raise SettingsError(f"{shown}: can't be read: {reason_of(error)}") from error
    except ModuleNotFoundError as error:
        from registrywatch.extras import missing

        raise SettingsError(f"{shown}: can't be read: {missing(error) or error}") from error
    return {name: _text(shown, name, value) for name, value in found.items()}


def stored(where: str) -> str:
    """The text of the SSM parameter `ssm:NAME`. Raises SecretError, ModuleNotFoundError."""
    from registrywatch.delivery import SecretRef, SecretStore

    return SecretStore().value(SecretRef(where))


def _read(where: str, fetch: Callable[[str], str]) -> str:
    from pathlib import Path

    return fetch(where) if where.startswith("ssm:") else Path(where).read_text("utf-8-sig")


def _text(shown: str, name: str, value: Any) -> str:
    if not name.startswith(PREFIX) or name == CONFIG:
        raise SettingsError(f"{shown}: {name!r} is not a setting that it may hold")
    match value:
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value)
        case list() if all(isinstance(each, str) for each in value):
            return ",".join(value)
    raise SettingsError(
        f"{shown}: {name} must be a string, a whole number, true, false or a list of strings"
    )
