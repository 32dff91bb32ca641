"""Amazon's own DynamoDB Local, as the real tests and the benchmarks start it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.components import require
from tests.integration.servers import free_port, require_own_network, serving


@contextmanager
def dynamodb_local(logs: Path) -> Iterator[str]:
    """DynamoDB Local with its data in memory; gives its endpoint's address."""
    emulator = require("dynamodb-local") / "package/emulator"
    require_own_network()
    port = free_port()
    java = ("java", "-Xmx256m", "-Djava.library.path=./DynamoDBLocal_lib")
    jar = ("-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-disableTelemetry")
    command = [*java, *jar, "-port", str(port)]
    with serving(command, port, log=logs / "dynamodb-local.log", cwd=emulator):
        yield f"http://127.0.0.1:{port}"
