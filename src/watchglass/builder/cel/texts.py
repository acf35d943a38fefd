"""Look at the texts in an expression before the grammar does.

The grammar's patterns for texts can read a backslash in two ways. On a text that is not closed they try every
combination: 24 escapes took 7 seconds. When every text is closed, and holds only escapes that exist, the first way
that they try is the right one.
"""

import re

from watchglass.builder.cel.bounds import ExpressionFailed

_OPENING = re.compile(r"""//[^\n]*|([rRbB]{0,2})("{3}|'{3}|"|')""")
_SYMBOL = re.compile(r"\w+|[^\w\s]")
_ESCAPE = re.compile(r"""\\([abfnrtv"'\\?`]|[0-3][0-7][0-7]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})""")


def symbols_in(text: str) -> int:
    """Count names, values and signs; each text counts as one.

    Raises `ExpressionFailed` for a text that is not closed, or has an escape that does not exist.
    """
    at = count = 0
    while opening := _OPENING.search(text, at):
        count += len(_SYMBOL.findall(text, at, opening.start()))
        at = opening.end()
        if opening.group(2):
            count += 1
            at = _end_of_text(text, opening.start(), at, opening.group(2), is_raw="r" in opening.group(1).lower())
    return count + len(_SYMBOL.findall(text, at))


def _end_of_text(text: str, start: int, at: int, quotes: str, *, is_raw: bool) -> int:
    while at < len(text):
        if text.startswith(quotes, at):
            return at + len(quotes)
        if text[at] == "\n" and len(quotes) == 1:
            break
        at = _after_escape(text, at, is_raw=is_raw) if text[at] == "\\" else at + 1
    raise ExpressionFailed(f"The text is not closed: a {quotes} is missing.", (start, min(at, len(text))))


def _after_escape(text: str, at: int, *, is_raw: bool) -> int:
    escape = _ESCAPE.match(text, at)
    if is_raw:
        return min(at + 2, len(text))
    if escape is None:
        end = min(at + 2, len(text))
        raise ExpressionFailed(
            f"{text[at:end]} means nothing in a text. A backslash itself is written twice.", (at, end)
        )
    if escape.group(1)[0] in "uU" and not _is_character(int(escape.group(1)[1:], 16)):
        raise ExpressionFailed(f"{escape.group()} is no character.", escape.span())
    return escape.end()


def text_of(literal: str) -> str:
    """The text that a literal stands for."""
    # cel-python's own reading of literals leaves out line breaks between three quotes.
    is_raw = literal[0] in "rR"
    bare = literal[1:] if is_raw else literal
    quotes = 3 if bare[:3] in ('"""', "'''") else 1
    inner = bare[quotes:-quotes]
    return inner if is_raw else _ESCAPE.sub(_meant, inner)


def _meant(escape: re.Match[str]) -> str:
    code = escape.group(1)
    if code[0] in "xuU":
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if len(code) == 3 else _SIMPLE.get(code, code)


_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _is_character(code: int) -> bool:
    return code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
