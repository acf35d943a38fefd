"""Values that are hidden wherever they stand in a text.

RE2 alone: it takes time in proportion to the text, whatever expression somebody writes and whatever text comes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import re2  # type: ignore[import-untyped]

from watchglass.errors import InvalidInput
from watchglass.model.redaction import NamedPattern, RedactionRules

_MEMORY_BYTES = 4 * 1024 * 1024
"""For one expression; `(x{1000}){1000}` is refused instead of compiled."""


@dataclass(frozen=True, slots=True)
class Pattern:
    expression: Any
    """Compiled. Where it has a group, only what the first one matches is hidden."""
    holds: Callable[[bytes], bool] | None = None
    """What the expression cannot say, such as a check digit. It may hold for a beginning of what was found alone."""


def _luhn(found: bytes) -> bool:
    digits = [digit - 48 for digit in found if 48 <= digit <= 57]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _iban(found: bytes) -> bool:
    text = found.decode("ascii").replace(" ", "").upper()
    moved = text[4:] + text[:4]
    return 15 <= len(text) <= 34 and int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


_NAMED: dict[NamedPattern, tuple[str, Callable[[bytes], bool] | None]] = {
    # No card begins with 1, as moments in milliseconds do.
    NamedPattern.CARD_NUMBER: (r"\b[2-6](?:[ -]?[0-9]){12,18}\b", _luhn),
    NamedPattern.EMAIL: (
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}",
        None,
    ),
    NamedPattern.IBAN: (r"(?i)\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", _iban),
    NamedPattern.PHONE: (r"\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}\b", None),
    NamedPattern.US_SOCIAL_SECURITY: (r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", None),
    NamedPattern.BEARER_TOKEN: (r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})", None),
    NamedPattern.JWT: (r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?", None),
    NamedPattern.API_KEY: (
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}"
        r"|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}"
        r"|wg_[A-Za-z0-9]{20,})",
        None,
    ),
    NamedPattern.AWS_ACCESS_KEY: (r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{16}\b", None),
    NamedPattern.PRIVATE_KEY: (
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)",
        None,
    ),
    NamedPattern.URL_PASSWORD: (r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@", None),
}


def compiled(expression: str) -> Any:
    """An expression of somebody's.

    Raises:
        InvalidInput: it is none of RE2's, is too large, or matches the empty text, which would hide nothing everywhere.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    try:
        made = re2.compile(expression, options)
    except re2.error as error:
        raise InvalidInput(
            f"{expression!r} is no regular expression that can be used here: {_said(error)}. The syntax is RE2's, "
            "without backreferences and look-around."
        ) from error
    if made.search(b"") is not None:
        raise InvalidInput(f"{expression!r} also matches an empty text. Write one that needs at least a character.")
    return made


def _said(error: Exception) -> str:
    """The library gives its reason as bytes."""
    reason = error.args[0] if error.args else b""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def patterns_of(rules: RedactionRules) -> tuple[Pattern, ...]:
    """Raises InvalidInput for an expression that cannot be used."""
    named = (_NAMED[name] for name in rules.patterns)
    return (
        *(Pattern(compiled(expression), holds) for expression, holds in named),
        *(Pattern(compiled(expression)) for expression in rules.expressions),
    )


def spans(pattern: Pattern, text: bytes) -> Iterator[tuple[int, int]]:
    """Where the pattern holds, as (start, end) in bytes, in order and apart from each other."""
    group = 1 if pattern.expression.groups else 0
    at = 0
    while (found := pattern.expression.search(text, at)) is not None:
        start, end = found.span(group)
        if start < 0:  # The group took no part.
            start, end = found.span(0)
        if pattern.holds is not None:
            end = _held(pattern.holds, text, start, end)
        if start < end:
            yield start, end
        # What does not hold from here may hold a step later: a card's number behind a house's.
        at = max(end, found.start(0) + 1)


def _held(holds: Callable[[bytes], bool], text: bytes, start: int, end: int) -> int:
    """Where the longest beginning ends that holds; `start` when none does."""
    for last in range(end, start, -1):
        is_whole = last == end or not (text[last - 1 : last].isalnum() and text[last : last + 1].isalnum())
        if is_whole and text[last - 1 : last].isalnum() and holds(text[start:last]):
            return last
    return start
