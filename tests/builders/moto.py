"""Sets up a simulated AWS account in memory, with moto."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.sqs.models import SQSBackend

REGION = "eu-west-1"
_receive = SQSBackend.receive_message
_method_names = functools.cache(method_names_from_class)


@contextlib.contextmanager
def aws_in_memory() -> Iterator[pytest.MonkeyPatch]:
    """Within it, every AWS client uses a new account in memory, with invalid credentials.

    Yields the patch of the environment; variables that are set with it are reset at the end.
    """
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setattr(SQSBackend, "receive_message", _at_once)
        environment.setattr(responses, "method_names_from_class", _method_names)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        yield environment


def _at_once(backend: SQSBackend, name: str, count: int, _: int, *more: Any, **named: Any) -> Any:
    """Receive without long polling: in memory, no message arrives while the caller waits."""
    return _receive(backend, name, count, 0, *more, **named)
