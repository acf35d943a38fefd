"""Which error a run ended with, whatever ids, numbers and times stand in its message.

A *pattern* is a message with its changing parts named instead of spelled out: `Order <number> was refused by
<address>`. The *group* is a short key of error type, pattern and failed step, in which all changing parts are one:
whether an id happens to be digits alone says nothing. Both take time in proportion to the text, and look at its
beginning alone.
"""

import json
import re
from hashlib import sha256

LOOKED_AT = 8_192
"""Characters of a message. What is behind them does not tell errors apart."""
LONGEST_PATTERN = 500
"""Characters."""
_LONGEST_TOKEN = 256
"""Characters without a blank, quote or bracket; longer ones are data, so that no token costs more than these."""
_LONGEST_NAME = 64
"""Characters, in one case and without a digit."""
_MANY_SEPARATORS = 12
"""Base64 has a `/` or `+` every 32 characters; paths have one in fewer than these."""

_REDACTED = re.compile(r"\[redacted:[0-9a-f]{8}\]")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DATE = re.compile(
    # Mon, 23 Nov 2026 / 23-Nov-2026 / Mon Nov 23 / November 23, 2026
    r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
    rf"(?:\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}|{_MONTH} {{1,2}}\d{{1,2}}(?:, \d{{4}})?)\b"
)
_STATUS = re.compile(r"(?i)\b(?:http(?:/\d(?:\.\d)?)?|status|code)(?:[ _-]code)?(?: is|:| =|=)? ?[1-5]\d\d(?![\w.])")
"""HTTP's own codes are what went wrong, and no changing part."""
_KEPT_DIGITS = {ord("0") + digit: 0xE000 + digit for digit in range(10)}
"""Into private characters, of which `_printable` leaves none in a text, and back."""
_DIGITS_AGAIN = {private: plain for plain, private in _KEPT_DIGITS.items()}

_QUERY = re.compile(r"(://[^\s\"'`<>?]{1,256})\?[^\s\"'`<>]{1,2048}")
_TOKEN = re.compile(r"[\w.:/+@~%-]+")
_DIGIT = re.compile(r"\d")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_UUID = re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])")
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_TIME = re.compile(
    rf"(?<![0-9A-Za-z.])(?:\d{{4}}[-/.]\d\d[-/.]\d\d(?:[T_]{_CLOCK})?|\d\d[/.]\d\d[/.]\d{{4}}|\d{{8}}T\d{{6}}Z?|{_CLOCK})"
    r"(?![0-9A-Za-z.:])"
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.])")
_MAC = re.compile(r"(?i)(?<![\w:])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:])")
_IPV6 = re.compile(r"(?i)(?<![\w:])(?=[0-9a-f:]*\d)(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]{3,45}(?![\w:])")
_DURATION = re.compile(r"(?<![\w.])(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|h|m|s|d))+(?![\w])")
_DATA = re.compile(r"[A-Za-z0-9+/_-]{40,}")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d+(?:\.\d+)*(?:[eE][+-]?\d+)?(?![0-9A-Za-z])")
_RUN = re.compile(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*")
_HEX = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")

_NAMED = "number|hex|uuid|id|time|address|email|duration|data|query"
_PART = re.compile(rf"<(?:{_NAMED})>")
_PADDING = re.compile(r"(?<=<data>)={1,2}")
_CLOSE_BY = re.compile(r"<time>(?:,<number>|[ T]<time>| (?:UTC|GMT|[AP]M)\b| \d{4}\b)+|<number>(?:[,.:]<number>)+")
_LIST = re.compile(rf"<({_NAMED})>(?:, ?<\1>)+(?:, …)?")
_QUOTED = re.compile(rf"([\"'`])[^\s\"'`]{{0,128}}<(?:{_NAMED})>[^\s\"'`]{{0,128}}\1")


def error_group(error_type: str | None, message: str | None, step: str | None) -> str:
    """16 characters; empty where nothing is known of an error. `step` is the name of the step that failed."""
    if not error_type and not message:
        return ""
    # Cut only when all changing parts are of one length.
    parts = [error_type or "", *(_PART.sub("<>", _pattern(text or ""))[:LONGEST_PATTERN] for text in (message, step))]
    # The letter: digits alone, or around an `e`, would be read as a number where somebody puts the key in an address.
    return f"g{sha256(json.dumps(parts).encode()).hexdigest()[:15]}"


def message_pattern(message: str) -> str:
    """The message on one line with its changing parts named, in at most `LONGEST_PATTERN` characters."""
    return _pattern(message)[:LONGEST_PATTERN]


def _pattern(message: str) -> str:
    text = " ".join(_printable(message[:LOOKED_AT]).split())
    text = _REDACTED.sub("[redacted]", text)
    text = _QUERY.sub(r"\1?<query>", text)
    if _DIGIT.search(text):
        text = _STATUS.sub(lambda found: found[0].translate(_KEPT_DIGITS), text)
        text = _DATE.sub("<time>", text)
    text = _TOKEN.sub(_token, text)
    text = _PADDING.sub("", text)
    text = _CLOSE_BY.sub(lambda found: found[0][: found[0].index(">") + 1], text)
    text = _LIST.sub(r"<\1>, …", text)
    text = _QUOTED.sub(r"\1<id>\1", text)
    return text.translate(_DIGITS_AGAIN)


def _printable(text: str) -> str:
    """Control characters, marks of direction and private characters are blanks."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def _token(found: re.Match[str]) -> str:
    token = found[0].rstrip(".:/-")
    return _named(token) + found[0][len(token) :]


def _named(token: str) -> str:
    if len(token) > _LONGEST_TOKEN:
        return "<data>"
    if "@" in token:
        token = _EMAIL.sub("<email>", token)
    if len(token) >= 40:
        token = _DATA.sub(_data, token)
    return _changing(token) if _DIGIT.search(token) else token


def _changing(token: str) -> str:
    if "-" in token:
        token = _UUID.sub("<uuid>", token)
    token = _TIME.sub("<time>", token)
    if ":" in token or "-" in token:
        token = _IPV6.sub("<address>", _MAC.sub("<address>", token))
    token = _IPV4.sub("<address>", token)
    token = _DURATION.sub("<duration>", token)
    token = _NUMBER.sub("<number>", token)
    return _RUN.sub(_run, token)


def _data(found: re.Match[str]) -> str:
    text = found[0]
    separators = sum(map(text.count, "/+_-"))
    is_mixed = not text.islower() and not text.isupper() and _DIGIT.search(text) is not None
    return "<data>" if (is_mixed or len(text) >= _LONGEST_NAME) and separators * _MANY_SEPARATORS <= len(text) else text


def _run(found: re.Match[str]) -> str:
    """Letters and digits that stand together: hexadecimal, an id, or a name with a number in it."""
    run = found[0]
    if _HEX.fullmatch(run) and (len(run) >= 7 or run[:2] in ("0x", "0X")):
        return "<hex>"
    changes = _LETTERS_OR_DIGITS.findall(run)
    if len(changes) > 3 or (len(run) >= 20 and len(changes) > 2):
        return "<id>"
    return "".join("<number>" if part[0].isdigit() else part for part in changes)
