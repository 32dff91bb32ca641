"""Text that can't be decoded, replaced by a placeholder, so that the JSON around it can be.

Two things stand in JSON that are no characters: bytes that are no UTF-8, and halves of characters
written as escapes. The one who acts may choose them, in a user agent: they must not hide the rest.
"""

import re

MARK = "\ufdd0".encode()
"""Stands for what could not be decoded; no character that anything else would contain."""

# Halves of characters as JSON escapes: each is to stand in a pair.
_HALVES = (
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_WHOLE = 8  # characters of an escape; two make a whole character
_BAD_BYTES = "[\udc80-\udcff]"


def repaired(document: bytes) -> tuple[bytes, list[str]]:
    """The document as UTF-8 without halves of characters: placeholders replace them.

    And for each placeholder what stood there.
    """
    damage: list[str] = []
    if not document.isascii():
        try:
            document.decode()
        except UnicodeDecodeError as error:
            document = _without_bad_bytes(document, error.start, damage)
    if b"\\u" not in document:
        return document, damage

    def half(found: re.Match[str]) -> str:
        if len(found[0]) > _WHOLE or found[0] == "\\\\":
            return found[0]
        damage.append(f"half of a character: {found[0]} stands without its other half")
        return MARK.decode()

    return re.sub(_HALVES, half, document.decode()).encode(), damage


def _without_bad_bytes(document: bytes, start: int, damage: list[str]) -> bytes:
    text = document.decode(errors="surrogateescape")
    at = start

    def bad(found: re.Match[str]) -> str:
        nonlocal at
        byte = ord(found[0]) - 0xDC00
        at = document.find(bytes([byte]), at)
        damage.append(f"not UTF-8: byte 0x{byte:02x} at offset {at}")
        at += 1
        return MARK.decode()

    return re.sub(_BAD_BYTES, bad, text).encode()
