"""Text of somebody else's, on a terminal: a history, a server or a file may hold what would command it."""

import sys
from typing import TextIO


def visible(text: str) -> str:
    """Characters that would move the cursor, colour the screen or turn text around are shown as what they are."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text: str, *, file: TextIO | None = None) -> None:
    """Print a sentence for a person."""
    print(visible(text), file=sys.stdout if file is None else file)
