"""Answers as bytes: one call's, a batch's, or one error for the whole request."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import to_json
from starlette.types import Send

from watchglass.api.trpc.errors import TRPCError

CLIENT_CLOSED = 499
"""Nobody reads it: the caller is gone."""
_MULTI_STATUS = 207


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()
    """What an error says there, such as when to try again."""


def result(data: bytes) -> Answer:
    """A call that went well; `data` is JSON already and is spliced in."""
    return Answer(200, b'{"result":{"data":' + data + b"}}")


def failure(error: TRPCError, path: str | None = None) -> Answer:
    """A call that went wrong, or (without a path) a whole request that is refused."""
    return Answer(error.status, to_json({"error": error.shape(path)}), error.headers())


def batch(answers: Sequence[Answer]) -> Answer:
    """All answers in call order; 207 unless they agree on a status."""
    statuses = {answer.status for answer in answers}
    status = statuses.pop() if len(statuses) == 1 else _MULTI_STATUS
    headers = tuple(dict(header for answer in answers for header in answer.headers).items())
    return Answer(status, b"[" + b",".join(answer.body for answer in answers) + b"]", headers)


async def send_answer(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"vary", b"trpc-accept, accept"),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def send_nothing(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
