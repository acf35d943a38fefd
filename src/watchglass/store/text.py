"""Text that PostgreSQL can hold."""


def storable(text: str) -> str:
    """Replace NUL, the one character PostgreSQL text refuses, by U+FFFD."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def storable_id(text: str) -> tuple[str, bytes | None]:
    """An id as shown, and its own bytes where the two differ: NUL is shown as the four characters `\\x00`."""
    if "\x00" not in text:
        return text, None
    return text.replace("\x00", "\\x00"), text.encode("utf-8")
