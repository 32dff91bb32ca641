"""Replaces text that can't be decoded by a placeholder, so that the JSON around it can be decoded.

Two things can be in JSON that are not characters: bytes that are not UTF-8, and unpaired
surrogates, written as escapes. An attacker may choose them, in a user agent: they must not hide the
rest of the record.
"""

import re

MARK = "\ufdd0".encode()
"""The placeholder: a character that occurs in no other text."""
# Surrogates as JSON escapes: each must be in a pair.
_SURROGATES = (
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_WHOLE = 8  # characters of an escape; two make a whole character
_BAD_BYTES = "[\udc80-\udcff]"


def repaired(document: bytes) -> tuple[bytes, list[str]]:
    """The document as UTF-8, with placeholders for what can't be decoded.

    And for each placeholder, what it replaces.
    """
    damage: list[str] = []
    if not document.isascii():
        try:
            document.decode()
        except UnicodeDecodeError as error:
            document = _without_bad_bytes(document, error.start, damage)
    if b"\\u" not in document:
        return document, damage

    def unpaired(found: re.Match[str]) -> str:
        if len(found[0]) > _WHOLE or found[0] == "\\\\":
            return found[0]
        damage.append(f"an unpaired surrogate: {found[0]}")
        return MARK.decode()

    return re.sub(_SURROGATES, unpaired, document.decode()).encode(), damage


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
