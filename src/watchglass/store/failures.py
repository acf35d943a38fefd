"""A failure tree as one JSON text, and back."""

import json
from base64 import b64decode, b64encode
from typing import Any

from watchglass.model.failure import Failure
from watchglass.store.text import storable

STACK_CHARACTERS = 16_384
"""Longer stack traces are cut here; the stored history keeps them whole."""
MESSAGE_CHARACTERS = 65_536
HELD_BYTES = 65_536
"""Encoded attributes and details that are larger are left to the stored history."""


def failure_to_json(failure: Failure | None) -> str | None:
    """One JSON list, outermost failure first, so that a long chain needs no recursion."""
    if failure is None:
        return None
    chain: list[dict[str, Any]] = []
    link: Failure | None = failure
    while link is not None:
        chain.append(_to_dict(link))
        link = link.cause
    return json.dumps(chain, ensure_ascii=False, separators=(",", ":"))


def failure_from_json(text: str | None) -> Failure | None:
    if text is None:
        return None
    failure: Failure | None = None
    for link in reversed(json.loads(text)):
        failure = Failure(
            kind=link["kind"],
            type=link["type"],
            message=link["message"],
            stack_trace=link["stack"],
            non_retryable=link["nonRetryable"],
            cause=failure,
            encoded=link["encoded"],
            omitted_causes=link["omitted"],
            attributes=_held(link, "attributes"),
            details=_held(link, "details"),
            decoded=link.get("decoded", False),
        )
    return failure


def _to_dict(link: Failure) -> dict[str, Any]:
    written: dict[str, Any] = {
        "kind": link.kind,
        "type": storable(link.type),
        "message": storable(link.message[:MESSAGE_CHARACTERS]),
        "stack": storable(link.stack_trace[:STACK_CHARACTERS]),
        "nonRetryable": link.non_retryable,
        "encoded": link.encoded,
        "omitted": link.omitted_causes,
    }
    for name, data in (("attributes", link.attributes), ("details", link.details)):
        if data is not None and len(data) <= HELD_BYTES:
            written[name] = b64encode(data).decode()
    if link.decoded:
        written["decoded"] = True
    return written


def _held(link: dict[str, Any], name: str) -> bytes | None:
    text = link.get(name)
    return None if text is None else b64decode(text)
