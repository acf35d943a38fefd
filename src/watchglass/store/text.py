"""Text that PostgreSQL can hold."""

import re

_REFUSED = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace what PostgreSQL text refuses, NUL and lone surrogates (JSON can write them), by U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    return _REFUSED.sub("\ufffd", text)


def storable_id(text: str) -> tuple[str, bytes | None]:
    """An id as shown, and its own bytes where the two differ: NUL is shown as the four characters `\\x00`."""
    if "\x00" not in text:
        return text, None
    return text.replace("\x00", "\\x00"), text.encode("utf-8")
