"""Lambda's own runtime and its emulator, running what `sam build` made.

The emulator (in aws-sam-cli) takes one invocation at a time: a second one crashes it. The runtime
is awslambdaric in an environment that holds boto3 besides and nothing else, as Lambda's does; the
layer is on the path where Lambda puts it.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.aws.templates import resources
from tests.integration.components import ROOT, require
from tests.integration.servers import free_port, serving

BUILD = ROOT / ".aws-sam/build"
LAYER = BUILD / "Library/python"
RIE = "lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"
INVOKE = "http://127.0.0.1:{}/2015-03-31/functions/function/invocations"


class FunctionError(Exception):
    """The function failed: `kind` is the name of the exception."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.kind = str(answer.get("errorType"))
        super().__init__(f"{self.kind}: {answer.get('errorMessage')}")


class Function(msgspec.Struct):
    """A function under the emulator."""

    port: int
    log: Path

    def __call__(self, event: object) -> Any:
        """Invoke it. Raises FunctionError."""
        request = urllib.request.Request(
            INVOKE.format(self.port), data=json.dumps(event).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as answered:
                answer = json.loads(answered.read())
        except urllib.error.HTTPError as died:  # such as at the start
            answer = json.loads(died.read())
        if isinstance(answer, dict) and "errorType" in answer:
            raise FunctionError(answer)
        return answer

    def logged(self) -> list[dict[str, Any]]:
        """The lines of JSON that it has logged."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def running(
    handler: str, task: Path, path: Path, environment: Mapping[str, str], log: Path
) -> Iterator[Function]:
    """A function from the folder `task`; it starts with its first invocation."""
    port = free_port()
    emulator = require("sam") / RIE
    python = require("lambda") / "bin/python"
    outside = ("--runtime-interface-emulator-address", f"127.0.0.1:{port}")
    inside = ("--runtime-api-address", f"127.0.0.1:{free_port()}")
    command = [str(emulator), *outside, *inside, str(python), "-m", "awslambdaric", handler]
    lambda_s_own = {
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": str(path),
    }
    with serving(command, port, log=log, cwd=task, env={**lambda_s_own, **environment}):
        yield Function(port, log)


@contextmanager
def function(name: str, environment: Mapping[str, str], logs: Path) -> Iterator[Function]:
    """A function of the template, from the packages that `make package` built."""
    if not LAYER.is_dir():
        pytest.fail("there is nothing built: run `make package`")
    properties = resources("AWS::Serverless::Function", BUILD / "template.yaml")[name]
    task = BUILD / properties["CodeUri"]
    with running(properties["Handler"], task, LAYER, environment, logs / f"{name}.log") as found:
        yield found
