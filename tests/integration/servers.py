"""Starting a server for the length of a test run, and being sure that it is ready and ends."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_own_network() -> None:
    """End a test that is about to start a server which listens on every interface there is."""
    interfaces = [name for _, name in socket.if_nameindex()]
    if interfaces != ["lo"]:
        pytest.fail(f"the machine's network {interfaces} is in reach: run `make test-real`")


@contextmanager
def serving(
    command: list[str],
    *ports: int,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    within: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; the block begins when all `ports` answer."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(env or {})}, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + within
        while not all(map(_answers, ports)):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} did not come up:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
