"""A TCP proxy of our own, before any server, whose wire can be made bad while bytes are under way.

    async with Wire("127.0.0.1", 5432) as wire:      # connect to wire.port
        wire.latency = 0.2                 # seconds that each piece is under way, each way
        wire.bytes_a_second = 20_000       # throttled, each way
        wire.stop()                        # a black hole: what is sent is taken and never arrives …
        wire.go_on()                       # … until now, as after a partition
        wire.reset()                       # RST, at once
        wire.reset(mid_message=True)       # RST in the middle of whatever is sent next
        wire.cut_after(100)                # RST after 100 more bytes of each connection, both ways together
        wire.half_close("client")          # the client reads an end, while the server waits for more
        wire.lose()                        # what is open stays so and says nothing any more; new connections work

A server that is not there resets who connects, as a load balancer does.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

_PIECE = 65_536
_RST = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset instead of an end."""
Side = Literal["client", "server"]


@dataclass(eq=False)
class Joined:
    """One connection: its two halves."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    left: int | None = None
    """Bytes that may still pass; None: all."""
    is_to_break: bool = False
    """The next piece is sent in half, and then nothing more."""
    is_mute: bool = False
    """What the server answers is lost."""
    is_lost: bool = False
    """Nothing arrives any more, either way, and nobody is told."""
    ended: set[Side] = field(default_factory=set)
    """Who has been told that no more comes."""

    def reset(self) -> None:
        # The server first: what the client does next should find nothing of this connection left there.
        for writer in (self.server, self.client):
            reset(writer)

    def end(self, side: Side) -> None:
        """Tell `side` that no more comes."""
        if side in self.ended:
            return
        self.ended.add(side)
        writer = self.client if side == "client" else self.server
        with suppress(OSError, RuntimeError):
            writer.write_eof()


class Wire:
    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._joined: set[Joined] = set()
        self._waiting: set[asyncio.StreamWriter] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self.port = 0
        self.latency = 0.0
        self.bytes_a_second: float | None = None
        self.passed = 0
        """Bytes, both ways."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.go_on()
        self.reset()
        for writer in list(self._waiting):
            reset(writer)
        await self._server.wait_closed()

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._joined)

    def stop(self) -> None:
        self._passes.clear()

    def go_on(self) -> None:
        self._passes.set()

    def mend(self) -> None:
        """Make the wire good again; what has been cut stays so."""
        self.latency, self.bytes_a_second = 0.0, None
        self.go_on()
        for joined in self._joined:
            joined.left, joined.is_to_break = None, False

    def reset(self, *, mid_message: bool = False) -> None:
        for joined in list(self._joined):
            if mid_message:
                joined.is_to_break = True
            else:
                joined.reset()

    def cut_after(self, count: int) -> None:
        for joined in self._joined:
            joined.left = count

    def half_close(self, side: Side) -> None:
        for joined in list(self._joined):
            joined.end(side)

    def lose(self) -> None:
        for joined in self._joined:
            joined.is_lost = True

    async def is_cut(self, data: bytes, joined: Joined) -> bool:
        """May be overridden: the connection is cut here, and what its client has just sent is not passed on."""
        return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._waiting.add(writer)
        try:
            behind_reader, behind_writer = await asyncio.open_connection(*self._behind)
        except OSError:
            reset(writer)
            return
        finally:
            self._waiting.discard(writer)
        joined = Joined(writer, behind_writer)
        self._joined.add(joined)
        tasks = [
            asyncio.create_task(self._pass(reader, joined, "server")),
            asyncio.create_task(self._pass(behind_reader, joined, "client")),
        ]
        try:
            await asyncio.gather(*tasks)
            for half in (writer, behind_writer):
                half.close()
        except OSError:
            joined.reset()
        finally:
            for task in tasks:
                task.cancel()
            self._joined.discard(joined)
            # Whatever has not ended by now ends with it.
            joined.reset()

    async def _pass(self, reader: asyncio.StreamReader, joined: Joined, to: Side) -> None:
        """Pass on what comes, until its end."""
        writer = joined.server if to == "server" else joined.client
        while data := await reader.read(_PIECE):
            await self._travel(len(data))
            if joined.is_lost or to in joined.ended or (to == "client" and joined.is_mute):
                continue
            if to == "server" and await self.is_cut(data, joined):
                joined.reset()
                return
            kept = self._kept(data, joined)
            writer.write(kept)
            await writer.drain()
            self.passed += len(kept)
            if len(kept) < len(data):
                joined.reset()
                return
        joined.end(to)

    async def _travel(self, count: int) -> None:
        if self.latency:
            await asyncio.sleep(self.latency)
        if self.bytes_a_second:
            await asyncio.sleep(count / self.bytes_a_second)
        await self._passes.wait()

    def _kept(self, data: bytes, joined: Joined) -> bytes:
        if joined.is_to_break:
            return data[: len(data) // 2]
        if joined.left is None:
            return data
        kept = data[: joined.left]
        joined.left -= len(kept)
        return kept


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a RST."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    writer.transport.abort()
