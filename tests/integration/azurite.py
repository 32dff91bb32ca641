"""Microsoft's Azurite, as the real tests and the benchmarks start it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.components import require
from tests.integration.servers import free_port, serving

# the account that every Azurite starts with; its key is printed in the manual
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def azurite(logs: Path) -> Iterator[str]:
    """Azurite with its data in memory; gives the connection string of its account."""
    program = require("azurite") / "node_modules/azurite/dist/src/azurite.js"
    ports = {service: free_port() for service in ("blob", "queue", "table")}
    # azure-storage-queue asks for an API version that this Azurite does not know by name
    command = ["node", str(program), "--inMemoryPersistence", "--skipApiVersionCheck"]
    command += ["--disableTelemetry", "--silent"]
    for service, port in ports.items():
        command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port)]
    with serving(command, *ports.values(), log=logs / "azurite.log", cwd=logs):
        yield ";".join(
            [
                "DefaultEndpointsProtocol=http",
                f"AccountName={_ACCOUNT}",
                f"AccountKey={_KEY}",
                *(
                    f"{service.capitalize()}Endpoint=http://127.0.0.1:{port}/{_ACCOUNT}"
                    for service, port in ports.items()
                ),
            ]
        )
