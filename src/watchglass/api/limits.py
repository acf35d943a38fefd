"""How much one request, and all requests together, may ask of this process. One place for all protocols.

URL            16 KiB                                  longer: 414
body           1 MiB; procedures that take a drawing   larger: 413
               state 4 MiB (see MAX_DRAWING_BYTES)
               whole within 30 s of its headers        slower: 408, and the connection is closed
               refused before it is whole              what comes within 5 s more is thrown away, up to 64 MiB
JSON           200 levels, 100,000 values, numbers of  beyond: 400
               400 characters that a double can hold
tRPC batch     20 calls                                more: 400
at once        256 requests, 64 MiB of bodies          beyond: 503 with Retry-After

Headers (64 KiB within 10 s) are the server's, see cli/connection_limits.py. What a procedure may take is its own:
its timeout, the statement timeout of the database's roles, and the bounds of its input.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchglass.api.refusal import refuse
from watchglass.api.trpc.errors import TRPCError

MAX_TARGET_BYTES = 16 * 1024
MAX_BODY_BYTES = 1024 * 1024
MAX_DRAWING_BYTES = 4 * 1024 * 1024
"""A drawing has a limit of its own, 1,000 kB as it is kept. Written with indentation, escapes and every default it
takes up to four times as much, and whoever draws too much should learn of that limit rather than of this."""
BODY_SECONDS = 30.0
LINGER_SECONDS = 5.0
LINGER_BYTES = 64 * 1024 * 1024
"""Of a body that is refused before it is whole. Whoever still writes when a connection is closed loses the answer."""
MAX_JSON_LEVELS = 200
MAX_JSON_VALUES = 100_000
"""Each value can be a mistake, and each mistake of a list costs a kilobyte while the answer is made. A drawing of
2,000 steps with ten inputs each has 66,000."""
MAX_NUMBER_CHARACTERS = 400
MAX_BATCH = 20
MAX_REQUESTS_AT_ONCE = 256
MAX_BODY_BYTES_AT_ONCE = 64 * 1024 * 1024
_ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz", "/metrics"})


@dataclass(slots=True)
class RequestLimits:
    """Refuses what is too long, too slow, or too much at once, before anybody looks at it."""

    app: ASGIApp
    requests_at_once: int = MAX_REQUESTS_AT_ONCE
    body_bytes_at_once: int = MAX_BODY_BYTES_AT_ONCE
    body_seconds: float = BODY_SECONDS
    _requests: int = field(default=0, init=False)
    _body_bytes: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        error = self._objection(scope)
        if error is not None:
            await refuse(error, scope, receive, send)
            return
        await self._answer(scope, receive, send)

    def _objection(self, scope: Scope) -> TRPCError | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
            return TRPCError(
                "URI_TOO_LONG", "The address is longer than 16 KiB. Send long inputs by POST, in the body."
            )
        if self._requests >= self.requests_at_once and scope["path"] not in _ALWAYS_ANSWERED:
            return _too_busy()
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(self, receive, asyncio.get_running_loop().time() + self.body_seconds)
        has_begun = closes = False

        async def send_noticed(message: Message) -> None:
            nonlocal has_begun, closes
            if message["type"] == "http.response.start":
                has_begun = True
                closes = (b"connection", b"close") in message["headers"]
            elif closes and not message.get("more_body", False) and not body.is_whole:
                # The connection is closed with the end of the answer, so that comes when the rest has been read.
                await send({**message, "more_body": True})
                await body.throw_away()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        self._requests += 1
        try:
            await self.app(scope, body.receive, send_noticed)
        except TRPCError as error:
            if has_begun:
                raise
            await refuse(error, scope, receive, send_noticed)
        finally:
            self._requests -= 1
            self._body_bytes -= body.size

    def take(self, size: int) -> None:
        """Hold `size` more bytes of somebody's body. Raises TRPCError when all hold too much together."""
        if self._body_bytes + size > self.body_bytes_at_once:
            raise _too_busy()
        self._body_bytes += size


@dataclass(slots=True)
class _Body:
    """One request's body while it comes in."""

    limits: RequestLimits
    source: Receive
    deadline: float
    size: int = 0
    is_whole: bool = False

    async def receive(self) -> Message:
        if self.is_whole:
            return await self.source()
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.source()
        except TimeoutError:
            refuse_slowness(self.limits.body_seconds)
        size = len(message.get("body", b""))
        self.limits.take(size)
        self.size += size
        if self.size > MAX_DRAWING_BYTES:
            refuse_size(MAX_DRAWING_BYTES)
        self.is_whole = not message.get("more_body", False)
        return message

    async def throw_away(self) -> None:
        """Read what is still to come, as far as that is worth it, and keep none of it."""
        left = LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(self.deadline, asyncio.get_running_loop().time() + LINGER_SECONDS)):
                while not self.is_whole and left > 0:
                    message = await self.source()
                    left -= len(message.get("body", b""))
                    self.is_whole = not message.get("more_body", False)


def refuse_size(limit: int) -> NoReturn:
    raise TRPCError("PAYLOAD_TOO_LARGE", f"The request body is larger than {limit // 2**20} MiB.", closes=True)


def refuse_slowness(seconds: float) -> NoReturn:
    message = f"The request body did not arrive within {seconds:g} s. Send it again, faster or in smaller parts."
    raise TRPCError("TIMEOUT", message, closes=True)


def _too_busy() -> TRPCError:
    return TRPCError("SERVICE_UNAVAILABLE", "Too many requests are being answered at once. Try again in a moment.")
