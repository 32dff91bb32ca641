"""One self-contained HTML page: style, script and data, and a policy that allows nothing else.

The data is JSON in a block that no browser executes. The scripts put it into the page as text,
never as markup. The Content-Security-Policy allows the page's own style and script by their hashes:
injected markup could neither run nor load anything.
"""

import base64
import hashlib
import os
import tempfile
from html import escape
from importlib.resources import files
from pathlib import Path

import msgspec

from registrywatch.alerts.contrast import ink_on, rgb
from registrywatch.alerts.style import STYLES
from registrywatch.alerts.text import visible

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(title: str, scripts: tuple[str, ...], data: object) -> str:
    """The page: `scripts` are files in `assets`; they read `data` from the block `data`."""
    style = _asset("page.css") + _severities()
    script = "\n".join(map(_asset, ("page.js", *scripts)))
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        "<noscript><p>This page needs JavaScript to show its data, and JavaScript is switched off."
        "</p></noscript>\n"
        f'<script type="application/json" id="data">{_embedded(data)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def write_page(path: Path, text: str) -> None:
    """Write the whole page or nothing; to a pipe or device directly. Raises OSError."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path = path.resolve()  # replace the target of a symbolic link, not the link
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".registrywatch-", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            Path(file.name).chmod(0o666 & ~_umask())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def fit(text: str) -> str:
    """Untrusted text, with invisible characters made visible."""
    return text if text.isascii() and text.isprintable() else visible(text)


def _embedded(data: object) -> str:
    text = msgspec.json.encode(data).decode()
    for char, written in _UNSAFE.items():
        text = text.replace(char, written)
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files("registrywatch.report").joinpath("assets", name).read_text("utf-8")


def _severities() -> str:
    """A class for each severity, `s0` to `s4`: its colour, and black or white for text on it."""
    return "".join(
        f".s{severity.rank}{{--s:{style.colour};--ink:rgb{ink_on(rgb(style.colour))}}}\n"
        for severity, style in STYLES.items()
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
