"""Payloads to values that people can be shown.

Text is the original text: never parsed, never written anew, so every digit of every number stays. What no database or
browser can carry (NUL, lone surrogates) is replaced by U+FFFD and said. Bytes that are not text stay unread.
"""

import hashlib

from temporalio.api.common.v1 import Payload as PayloadMessage
from temporalio.api.common.v1 import Payloads

from watchglass.model.payload import Payload

REPLACEMENT = "\ufffd"


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
    return Payload(
        encoding=encoding,
        text=text,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        truncated=truncated,
        sanitised=sanitised,
    )


def _text(encoding: str, data: bytes, limit: int | None) -> tuple[str | None, bool, bool]:
    encoding = encoding.strip()
    if encoding == "binary/null":
        return "null", False, False
    if not encoding.startswith("json/") and encoding != "binary/plain":
        return None, False, False
    kept = data if limit is None else data[:limit]
    truncated = len(kept) < len(data)
    try:
        text = kept.decode("utf-8")
    except UnicodeDecodeError as error:
        if truncated and error.end == len(kept) and error.start >= len(kept) - 3:
            text = kept[: error.start].decode("utf-8")
        elif encoding == "binary/plain":
            return None, False, False
        else:
            return _carried(
                kept.decode("utf-8", "surrogatepass" if _has_surrogates(kept) else "replace"), truncated
            )
    if encoding == "binary/plain" and not _looks_like_text(text):
        return None, False, False
    if "\x00" in text:
        return _carried(text, truncated)
    return text, truncated, False


def _has_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _carried(text: str, truncated: bool) -> tuple[str, bool, bool]:
    """The text with what cannot be carried replaced, marked as changed."""
    carried = text.replace("\x00", REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return carried, truncated, True


def _looks_like_text(text: str) -> bool:
    return all(character.isprintable() or character in "\n\r\t" for character in text)
