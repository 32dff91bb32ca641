"""A headless Chromium, driven by the W3C WebDriver protocol over HTTP; needs no package."""

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)
SECONDS = 60


class Browser:
    """One window. `run` executes JavaScript and gives what it returns."""

    def __init__(self, address: str) -> None:
        options = {"args": [*FLAGS], "binary": shutil.which("chromium")}
        capabilities = {
            "alwaysMatch": {
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"},
            }
        }
        self._session = ""
        self._address = address
        found = self._call("POST", "/session", {"capabilities": capabilities})
        self._session = f"/session/{found['sessionId']}"

    def open(self, page: Path, dark: bool = False, width: int = 1280, height: int = 900) -> None:
        """Open a page from disk."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.devtools("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])
        self._call("POST", f"{self._session}/url", {"url": page.as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function."""
        body = {"script": script, "args": [*arguments]}
        return self._call("POST", f"{self._session}/execute/sync", body)

    def wait_for(self, script: str) -> None:
        """Wait until the body of a function returns something true."""
        end = time.monotonic() + SECONDS
        while not self.run(script):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.02)

    def run_later(self, script: str) -> Any:
        """Run the body of a function whose last argument takes the answer."""
        body = {"script": script, "args": []}
        return self._call("POST", f"{self._session}/execute/async", body)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        sequence = {"type": "key", "id": "keyboard", "actions": actions}
        self._call("POST", f"{self._session}/actions", {"actions": [sequence]})

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        body = {"cmd": command, "params": parameters}
        return self._call("POST", f"{self._session}/goog/cdp/execute", body)

    def messages(self) -> list[str]:
        """What the console holds since it was last asked, errors and violations among them."""
        entries = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries]

    def picture(self, path: Path, whole: bool = False) -> None:
        """A picture of the window, or of the whole page, as PNG."""
        data = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def _call(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self._address + path, json.dumps(body).encode(), method=method
        )
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:2000]) from None


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of its own. A test without Chromium is skipped, in CI it fails."""
    driver = shutil.which("chromedriver")
    if driver is None or shutil.which("chromium") is None:
        missing: Callable[[str], object] = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("Chromium is not there: apt-get install chromium chromium-driver")
    port = _free_port()
    assert driver is not None
    process = subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        browser = _connected(f"http://127.0.0.1:{port}")
        yield browser
        browser._call("DELETE", browser._session, {})
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _connected(address: str) -> Browser:
    end = time.monotonic() + SECONDS
    while True:
        try:
            return Browser(address)
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
