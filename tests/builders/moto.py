"""An AWS account in memory, played by moto: the one place that sets it up."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.sqs.models import SQSBackend

REGION = "eu-west-1"
_receive = SQSBackend.receive_message


@contextlib.contextmanager
def aws_in_memory() -> Iterator[pytest.MonkeyPatch]:
    """Within it, every AWS client talks to a fresh account in memory, with credentials of no one.

    Gives the environment that it set up; what is further set in it ends with it.
    """
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setattr(SQSBackend, "receive_message", _at_once)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        yield environment


def _at_once(backend: SQSBackend, name: str, count: int, _: int, *more: Any, **named: Any) -> Any:
    """Receives without long polling: in memory, what has not arrived by now never will."""
    return _receive(backend, name, count, 0, *more, **named)
