"""One expression that finds something wherever a rule could hide something, so that the rest needs no closer look.

It looks at bytes as they come: a whole event, or a JSON text with its escapes. So it knows nothing of where a value
begins and ends, and finds more than the rules do; never less.
"""

import re
from collections.abc import Iterator
from typing import Any

import re2  # type: ignore[import-untyped]

from watchglass.model.redaction import NamedPattern, RedactionRules
from watchglass.parse.redaction.places import plain_name

_MEMORY_BYTES = 8 * 1024 * 1024
_BLANK = r"(?:\s|\\+[nrtfbu])"
_PATTERNS: dict[NamedPattern, str] = {
    NamedPattern.CARD_NUMBER: r"[2-6](?:[ -]?[0-9]){12}",
    NamedPattern.EMAIL: r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2}",
    NamedPattern.IBAN: r"[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2} ?[A-Za-z0-9]{3}",
    NamedPattern.PHONE: r"\+[1-9](?:[ ().-]{0,2}[0-9]){7}",
    NamedPattern.US_SOCIAL_SECURITY: r"[0-9]{3}-[0-9]{2}-[0-9]{4}",
    NamedPattern.BEARER_TOKEN: rf"(?i:bearer|basic){_BLANK}+[A-Za-z0-9._~+/=\\-]{{8}}",
    NamedPattern.JWT: r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5}",
    NamedPattern.API_KEY: r"gh[pousr]_[A-Za-z0-9]{20}|github_pat_|glpat-|xox[abeprs]-|[sr]k_(?:live|test)_"
    r"|sk-[A-Za-z0-9_-]{20}|AIza[A-Za-z0-9_-]{30}|npm_[A-Za-z0-9]{30}|wg_[A-Za-z0-9]{20}",
    NamedPattern.AWS_ACCESS_KEY: r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{16}",
    NamedPattern.PRIVATE_KEY: r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----",
    NamedPattern.URL_PASSWORD: r"[A-Za-z0-9+.-]:(?:\\*/){2}[^\s/:@]*:[^\s/@]+@",
}
"""What each finds, or the beginning of it, without word boundaries (in an event a length or a tag may stand beside a
value) and with what becomes of blanks and slashes where JSON escapes them."""
_ESCAPED = r"\\u00(?:2[0-57-9a-fA-F]|3[0-9abdfABDF]|[4-7])"
"""A letter, digit or sign that somebody wrote as `\\u0061`. Without <, > and &, which some encoders always write so and
which no name or pattern of ours needs."""
FOLDED = (
    "\u00df\u0130\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u1e9e\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
)
"""All characters that are not ASCII and become it, in part or whole, where case does not count."""
_SEEN = re.compile(r"[!#-%'-.0-;=?-\[\]-~ ]+")
"""What JSON writes as it is, or as the escapes above."""
_EDGES = ("^", "$", r"\A", r"\z", r"\B", r"\Q")


def quick_look(rules: RedactionRules) -> Any:
    """Compiled; None where no expression can say it, and everything has to be looked at closely."""
    try:
        parts = [*_names(rules), *_paths(rules), *(_PATTERNS[name] for name in rules.patterns), *_written(rules)]
    except _Unsayable:
        return None
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY_BYTES
    try:
        made = re2.compile("|".join(f"(?:{part})" for part in [*parts, _ESCAPED]), options)
    except re2.error:
        return None  # Together they are too large; each by itself is not.
    return None if made.search(b"") is not None else made


class _Unsayable(Exception):
    """A rule may hold where nothing of it can be read."""


def _names(rules: RedactionRules) -> Iterator[str]:
    for key in rules.keys:
        part = max(plain_name(key).split("*"), key=len)
        if not part.isascii() or not _SEEN.fullmatch(part):
            raise _Unsayable
        yield "(?i:" + "[-_ ]*".join(re2.escape(character) for character in part) + ")"
        for character in FOLDED:
            if _overlap(character.casefold(), part):
                yield rf"{character}|\\u(?i:{ord(character):04x})"


def _overlap(folded: str, part: str) -> bool:
    """Can what one character becomes be where the part, or one end of it, is?"""
    ends = range(1, min(len(folded), len(part)) + 1)
    return folded in part or part in folded or any(folded[-n:] == part[:n] or folded[:n] == part[-n:] for n in ends)


def _paths(rules: RedactionRules) -> Iterator[str]:
    for path in rules.paths:
        steps = [step for step in path.split(".") if step != "*" and not step.isdecimal()]
        parts = [part for step in steps for part in _SEEN.findall(step)]
        if not parts:
            raise _Unsayable
        yield re2.escape(max(parts, key=len))


def _written(rules: RedactionRules) -> Iterator[str]:
    for expression in rules.expressions:
        if any(edge in expression for edge in _EDGES):
            raise _Unsayable
        yield _without_boundaries(expression)
    if rules.expressions:
        yield r"\\"  # What somebody's expression makes of an escaped character nobody knows.


def _without_boundaries(expression: str) -> str:
    """The same without `\\b`, which finds no less."""
    pieces = re.split(r"(\\.)", expression, flags=re.DOTALL)
    for piece, behind in zip(pieces[1::2], pieces[2::2], strict=True):
        if piece == r"\b" and behind[:1] in ("*", "+", "?", "{"):
            raise _Unsayable
    return "".join("" if piece == r"\b" else piece for piece in pieces)
