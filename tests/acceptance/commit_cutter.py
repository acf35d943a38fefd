"""A TCP proxy before PostgreSQL that cuts a connection between a COMMIT and its answer.

    client ── COMMIT ──▶ proxy ── COMMIT ──▶ server
           ◀── (cut) ──        ◀── done ────

The client cannot know whether its transaction has been kept. `is_before`: the COMMIT itself is lost as well.
"""

import asyncio
from types import TracebackType
from typing import Self

_COMMIT = b"COMMIT;"


class CommitCutter:
    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.left = -1
        """How many COMMITs pass before one is cut; negative: all of them."""
        self.is_before = False
        self.cut = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            behind_reader, behind_writer = await asyncio.open_connection(*self._behind)
            back = asyncio.create_task(self._pass_back(behind_reader, writer))
            try:
                await self._pass_on(reader, writer, behind_writer, back)
            finally:
                back.cancel()
                behind_writer.transport.abort()
        except ConnectionError:
            return
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        behind: asyncio.StreamWriter,
        back: "asyncio.Task[None]",
    ) -> None:
        while data := await reader.read(65_536):
            if not self._is_cut(data):
                behind.write(data)
                await behind.drain()
                continue
            self.cut += 1
            back.cancel()
            if not self.is_before:
                behind.write(data)
                await behind.drain()
                # A server that finds its client gone finishes what it was told all the same; this lets it.
                await asyncio.sleep(0.05)
            return

    def _is_cut(self, data: bytes) -> bool:
        if self.left < 0 or _COMMIT not in data:
            return False
        self.left -= 1
        return self.left < 0

    async def _pass_back(self, behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await behind.read(65_536):
            writer.write(data)
            await writer.drain()
