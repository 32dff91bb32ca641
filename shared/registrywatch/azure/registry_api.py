"""How many images a repository of a registry holds, according to the registry itself.

Only metadata is read, which is not a pull and is not logged as one. A registry accepts its own
tokens: an Entra token is exchanged for a refresh token, and that for an access token for one
repository (Azure/acr, "AAD-OAuth").
"""

import time
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING

from registrywatch.azure.http import Answer, error_code, fetch, json_object, refusal
from registrywatch.errors import StateUnknown

if TYPE_CHECKING:
    import requests


class RegistryApi:
    """Asks registries at their login servers. `token` returns an Entra token for registries.

    `scheme` is https except in tests.
    """

    def __init__(
        self,
        http: "requests.Session",
        token: Callable[[], str],
        *,
        scheme: str = "https",
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._token = token
        self._scheme = scheme
        self._sleep = sleep
        self._clock = clock

    def manifest_count(self, login_server: str, repository: str) -> int | None:
        """How many manifests the repository holds; None if the registry does not know it.

        Raises StateUnknown if there is no usable answer.
        """
        path = urllib.parse.quote(repository, safe="/")
        what = f"{login_server}/{repository}"
        answer = self._fetch(
            "GET",
            f"{self._scheme}://{login_server}/acr/v1/{path}",
            headers={"Authorization": f"Bearer {self._access_token(login_server, repository)}"},
        )
        if answer.status == 404 and error_code(answer) == "NAME_UNKNOWN":
            return None
        if answer.status != 200:
            raise refusal(what, answer)
        count = json_object(what, answer).get("manifestCount")
        if not isinstance(count, int):
            raise StateUnknown(f"{what}: the answer has no manifestCount")
        return count

    def _access_token(self, login_server: str, repository: str) -> str:
        refresh = self._exchanged(
            login_server,
            "/oauth2/exchange",
            "refresh_token",
            {"grant_type": "access_token", "access_token": self._token()},
        )
        return self._exchanged(
            login_server,
            "/oauth2/token",
            "access_token",
            {
                "grant_type": "refresh_token",
                "refresh_token": refresh,
                "scope": f"repository:{repository}:metadata_read",
            },
        )

    def _exchanged(self, login_server: str, path: str, gives: str, form: dict[str, str]) -> str:
        what = f"{login_server}{path}"
        answer = self._fetch(
            "POST", f"{self._scheme}://{what}", form={"service": login_server, **form}
        )
        if answer.status != 200:
            raise refusal(what, answer)
        token = json_object(what, answer).get(gives)
        if not isinstance(token, str) or not token:
            raise StateUnknown(f"{what}: the answer has no {gives}")
        return token

    def _fetch(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> Answer:
        return fetch(
            self._http,
            method,
            url,
            headers=headers,
            form=form,
            sleep=self._sleep,
            clock=self._clock,
        )
