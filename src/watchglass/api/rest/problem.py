"""Errors as problems of RFC 9457.

{"type": "about:blank", "title": "Not Found", "status": 404, "detail": <a sentence>, "code": "NOT_FOUND", "issues": […]}
"""

from collections.abc import Iterable
from http.client import responses
from typing import Any

from pydantic_core import to_json
from starlette.types import Send

from watchglass.api.trpc.errors import TRPCError

MEDIA_TYPE = "application/problem+json"


def problem(error: TRPCError) -> dict[str, Any]:
    """The body."""
    body = {
        "type": "about:blank",
        "title": responses.get(error.status, error.code),
        "status": error.status,
        "detail": error.message,
        "code": error.code,
    }
    return body | dict(error.data)


async def send_problem(send: Send, error: TRPCError, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """The whole answer."""
    body = to_json(problem(error))
    own = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": error.status, "headers": [*own, *error.headers(), *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
