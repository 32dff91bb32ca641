"""Azure Resource Manager: a resource, None if there is none, or StateUnknown."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from registrywatch.azure.http import fetch, json_object, refusal, why
from registrywatch.errors import StateUnknown

if TYPE_CHECKING:
    import requests


LOOK_SECONDS = 240.0
"""How long one look may send requests. A request may take two minutes more; a function has ten."""


class Arm:
    """Reads resources at `base_url` (https://management.azure.com/) with tokens from `token`.

    `token` raises StateUnknown if there is none. `sleep` and `clock` use seconds.
    """

    def __init__(
        self,
        http: "requests.Session",
        token: Callable[[], str],
        base_url: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep
        self._clock = clock
        self._look = threading.local()

    def begin_look(self, seconds: float = LOOK_SECONDS) -> None:
        """Begin a look of this thread: it may send requests for so long, or until Azure refuses."""
        self._look.ends = self._clock() + seconds
        self._look.refused = ""

    def get(self, resource_id: str, api_version: str, **query: str) -> dict[str, Any] | None:
        """The resource as JSON, None if Resource Manager says that there is none (404).

        `query` are further parameters; a name's underscore stands for "$": `_filter`. Raises
        StateUnknown for everything else, after retries if they may help.
        """
        return self._asked("GET", resource_id, api_version, query)

    def post(self, action: str, api_version: str) -> dict[str, Any] | None:
        """The answer to a read-only action, such as `…/config/appsettings/list`."""
        return self._asked("POST", action, api_version, {})

    def _asked(
        self, method: str, resource_id: str, api_version: str, query: Mapping[str, str]
    ) -> dict[str, Any] | None:
        refused: str = getattr(self._look, "refused", "")
        if self._clock() > getattr(self._look, "ends", float("inf")):
            refused = "the time for this look is over"
        if refused:
            raise StateUnknown(f"{resource_id}: not asked: {refused}")
        answer = fetch(
            self._http,
            method,
            f"{self._base_url}/{resource_id.lstrip('/')}",
            headers={"Authorization": f"Bearer {self._token()}"},
            params={
                "api-version": api_version,
                **{name.replace("_", "$"): value for name, value in query.items()},
            },
            sleep=self._sleep,
            clock=self._clock,
        )
        if answer.status == 200:
            return json_object(resource_id, answer)
        if answer.status == 404:
            return None
        if answer.status in (0, 429):
            self._look.refused = why(answer)
        raise refusal(resource_id, answer)
