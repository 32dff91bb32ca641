"""Microsoft's own Python worker of Azure Functions, driven in this process without its host.

Only the messages around it are made up here: what the .NET host would send over gRPC. How bindings
look in those messages comes from reading the worker's and the SDK's converters.
"""

import asyncio
import functools
import json
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]


class Binding(msgspec.Struct, frozen=True):
    """A binding as the worker tells the host of it."""

    function: str
    type: str
    values: Mapping[str, Any]


class Invoked(msgspec.Struct, frozen=True):
    """What came of an invocation; `error` is the exception's text if it failed."""

    succeeded: bool
    error: str | None


class _Message:
    """Stands in for any protobuf message: it holds what it was made with."""

    def __init__(self, *args: Any, **values: Any) -> None:
        self.__dict__.update(values)


class _Messages(types.ModuleType):
    """Any message that the worker asks for by name."""

    def __getattr__(self, name: str) -> Any:
        made = type(name, (_Message,), {})
        setattr(self, name, made)
        return made


class FunctionsWorker:
    """The worker with an app loaded from a folder."""

    def __init__(self, folder: Path) -> None:
        from azure_functions_runtime.bindings.datumdef import Datum

        self._datum = Datum
        self._loop = asyncio.new_event_loop()
        self._ids, self.bindings = self._loop.run_until_complete(_load(folder))

    def event_grid(self, function: str, event: Mapping[str, Any]) -> Invoked:
        """Invoke with one event, as the host takes it out of the array that was delivered."""
        return self._invoke(function, self._json(event), {})

    def event_hub(self, function: str, bodies: Sequence[bytes], retries: int = 0) -> Invoked:
        """Invoke with a batch of messages."""
        place = {"SequenceNumber": 7, "Offset": "42", "EnqueuedTimeUtc": "2026-08-01T09:00:00Z"}
        about = {"SystemPropertiesArray": self._json([place] * len(bodies))}
        batch = self._datum(types.SimpleNamespace(bytes=list(bodies)), "collection_bytes")
        return self._invoke(function, batch, about, retries)

    def queue(self, function: str, text: str) -> Invoked:
        """Invoke with one message."""
        about = {"Id": self._json("message-1"), "DequeueCount": self._json(1)}
        return self._invoke(function, self._datum(text, "string"), about)

    def timer(self, function: str) -> Invoked:
        """Invoke as if the time had come."""
        return self._invoke(function, self._json({"IsPastDue": False}), {})

    def _json(self, value: Any) -> Any:
        return self._datum(json.dumps(value), "json")

    def _invoke(
        self, function: str, datum: Any, about: Mapping[str, Any], retries: int = 0
    ) -> Invoked:
        from azure_functions_runtime.native_invocation import invocation_request_native

        [trigger] = [each for each in self.bindings if each.function == function]
        ok, _, _, error, _ = self._loop.run_until_complete(
            invocation_request_native(
                "invocation-1",
                self._ids[function],
                [(trigger.values["name"], datum)],
                dict(about),
                retry_count=retries,
            )
        )
        return Invoked(bool(ok), None if error is None else str(error))


async def _load(folder: Path) -> tuple[dict[str, str], list[Binding]]:
    sys.path.insert(0, str(folder))
    messages = _messages()
    import azure_functions_runtime as runtime

    runtime.start_threadpool_executor()
    request = types.SimpleNamespace(
        worker_init_request=types.SimpleNamespace(
            capabilities={}, function_app_directory=str(folder)
        )
    )
    started = await runtime.worker_init_request(
        types.SimpleNamespace(request=request, properties={"host": "127.0.0.1", "protos": messages})
    )
    assert started.result.status == messages.StatusResult.Success, vars(started.result.exception)
    told = await runtime.functions_metadata_request(None)
    found = told.function_metadata_results or []
    bindings = []
    for function in found:
        for raw in function.raw_bindings:
            values = json.loads(raw)
            bindings.append(Binding(function.name, values["type"], values))
    return {function.name: function.function_id for function in found}, bindings


def _messages() -> Any:
    messages = _Messages("protos")
    setattr(  # noqa: B010 - the type checker knows no attributes of a module made up
        messages,
        "StatusResult",
        type("StatusResult", (_Message,), {"Failure": 0, "Success": 1, "Cancelled": 2}),
    )
    # azure.functions numbers directions so
    directions = {"in": 0, "out": 1, "inout": 2}
    setattr(messages, "BindingInfo", type("BindingInfo", (_Message,), directions))  # noqa: B010
    return messages


@functools.cache
def this_app() -> FunctionsWorker:
    """The worker with the project's own app. It loads one app in a process and no second one."""
    return FunctionsWorker(ROOT)


if __name__ == "__main__":
    print(*(each.function for each in FunctionsWorker(Path(sys.argv[1])).bindings))
