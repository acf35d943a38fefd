"""A proxy that ends TLS before a web server, as one stands before Watchglass on a real network.

    async with TlsProxy(pair, behind=port) as proxy:      # https://<a name of the certificate>:<proxy.port>
        proxy.client = "203.0.113.9"                      # whom it says the requests are from

It passes `Host` on, says in `X-Forwarded-For` who asks, and believes nobody else who says it.
"""

import asyncio
import ssl
import tempfile
from types import TracebackType
from typing import Self

from tests.acceptance.certificates import LOCAL, Pair

_MAX_HEAD = 64 * 1024


class TlsProxy:
    def __init__(self, pair: Pair, *, behind: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(pair.certificate + pair.key)
            file.flush()
            self._context.load_cert_chain(file.name)
        self._behind = behind
        self._answering: set[asyncio.Task[None]] = set()
        self.client = LOCAL
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOCAL, 0, ssl=self._context, limit=_MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await self._pass_on(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return  # Browsers open connections that they never use, and leave when they like.
        finally:
            self._answering.discard(task)
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer; the next one comes with a connection of its own."""
        head = self._rewritten(await reader.readuntil(b"\r\n\r\n"))
        back, forth = await asyncio.open_connection(LOCAL, self._behind)
        forth.write(head)
        sending = asyncio.create_task(_pump(reader, forth))
        try:
            await _pump(back, writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            forth.transport.abort()

    def _rewritten(self, head: bytes) -> bytes:
        request, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        kept = [line for line in headers if line.partition(b":")[0].lower() not in (b"connection", b"x-forwarded-for")]
        own = [b"Connection: close", b"X-Forwarded-For: " + self.client.encode()]
        return b"\r\n".join([request, *kept, *own]) + b"\r\n\r\n"


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while part := await source.read(64 * 1024):
        target.write(part)
        await target.drain()
