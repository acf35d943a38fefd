"""Payloads to values that people can be shown.

Text is the original text: never parsed, never written anew, so every digit of every number stays. What no
database or browser can carry (NUL, lone surrogates) is replaced by U+FFFD and said. Bytes that are not text
stay unread.
"""

import hashlib

from temporalio.api.common.v1 import Payload as PayloadMessage
from temporalio.api.common.v1 import Payloads

from watchglass.model.payload import Payload

REPLACEMENT = "\ufffd"
DECODED_FROM = "watchglass-decoded-from"
"""Metadata of a payload that a codec server decoded: the encoding that Temporal holds."""
REDACTED = "watchglass-redacted"
"""Metadata of a payload in which something was hidden before it was stored."""


def read_payloads(data: bytes, *, limit: int | None) -> tuple[Payload, ...]:
    """One value per argument of a serialised `Payloads`; `limit` bytes of text each, None for all of it."""
    return tuple(read_payload(message, limit=limit) for message in Payloads.FromString(data).payloads)


def read_one(data: bytes, *, limit: int | None) -> Payload:
    """The value of a single serialised `Payload`, as memos and search attributes hold it."""
    return read_payload(PayloadMessage.FromString(data), limit=limit)


def read_payload(message: PayloadMessage, *, limit: int | None) -> Payload:
    encoding = message.metadata.get("encoding", b"").decode("utf-8", "replace")
    data = message.data
    text, truncated, sanitised = _text(encoding, data, limit)
    decoded_from = message.metadata.get(DECODED_FROM)
    return Payload(
        encoding=encoding,
        text=text,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        truncated=truncated,
        sanitised=sanitised,
        decoded_from=None if decoded_from is None else decoded_from.decode("utf-8", "replace"),
        redacted=REDACTED in message.metadata,
    )


def _text(encoding: str, data: bytes, limit: int | None) -> tuple[str | None, bool, bool]:
    """What to show, whether it is cut, and whether something in it was replaced."""
    encoding = encoding.strip()
    if encoding == "binary/null":
        return "null", False, False
    kept = data if limit is None or len(data) <= limit else _whole_characters(data[:limit])
    is_json = encoding.startswith("json/")
    if not is_json and not (encoding == "binary/plain" and _looks_like_text(kept)):
        return None, False, False
    truncated = len(kept) < len(data)
    try:
        text = kept.decode("utf-8")
    except UnicodeDecodeError:
        text = kept.decode("utf-8", "surrogatepass" if _has_surrogates(kept) else "replace")
        return _carried(text), truncated, True
    return (_carried(text), truncated, True) if "\x00" in text else (text, truncated, False)


def _whole_characters(data: bytes) -> bytes:
    """The bytes without a character that a cut left incomplete at the end."""
    for back in range(1, min(4, len(data) + 1)):
        lead = data[-back]
        if lead >= 0xC0:
            length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return data[:-back] if length > back else data
        if lead < 0x80:
            return data
    return data


def _has_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _carried(text: str) -> str:
    """The text with what cannot be carried replaced."""
    return text.replace("\x00", REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _looks_like_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\n\r\t" for character in text)
