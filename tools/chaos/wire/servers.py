"""The vendors' servers, and chains on them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.aws.stack import sqs
from tests.integration.azurite import azurite
from tests.integration.dynamodb import dynamodb_local
from tools.chaos.wire.aws import aws_chain
from tools.chaos.wire.azure import azure_chain
from tools.chaos.wire.chain import Cloud
from tools.chaos.wire.faults import Wire


class Servers:
    """The vendors' servers; makes any number of chains on them."""

    def __init__(self, dynamodb: str, queues: str, storage: str) -> None:
        self._dynamodb = dynamodb
        self._queues = queues
        self._storage = storage

    def chain(self, cloud: str, seed: int, wire: Wire) -> AbstractContextManager[Cloud]:
        if cloud == "aws":
            return aws_chain(self._dynamodb, self._queues, seed, wire)
        return azure_chain(self._storage, seed, wire)


@contextmanager
def servers() -> Iterator[Servers]:
    """New servers, until the block ends."""
    with (
        TemporaryDirectory() as logs,
        dynamodb_local(Path(logs)) as dynamodb,
        sqs() as queues,
        azurite(Path(logs)) as storage,
    ):
        yield Servers(dynamodb, queues, storage)
