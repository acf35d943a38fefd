"""Connections over real sockets: what says nothing, too little, or too much is closed with a sentence."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from watchglass.api import limits
from watchglass.api.guards import HostGuard
from watchglass.api.limits import BODY_SECONDS, MAX_DRAWING_BYTES, RequestLimits
from watchglass.cli.connection_limits import MAX_HEAD_BYTES, BoundedProtocol
from watchglass.cli.serve import PageServer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def served(*, body_seconds: float) -> AsyncIterator[tuple[str, int]]:
    app = Starlette(routes=[Route("/length", length, methods=["GET", "POST"])])
    app.add_middleware(RequestLimits, body_seconds=body_seconds)
    app.add_middleware(HostGuard)
    listener = socket.create_server(("127.0.0.1", 0))
    server = PageServer(app, listener)
    await server.start()
    yield listener.getsockname()
    await server.stop()


@pytest_asyncio.fixture
async def address(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    """A server that waits for a tenth of a second."""
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.1)
    async with served(body_seconds=0.1) as address:
        yield address


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[tuple[str, int]]:
    """A server that waits as long as Watchglass does."""
    async with served(body_seconds=BODY_SECONDS) as address:
        yield address


async def said(address: tuple[str, int], *parts: bytes) -> bytes:
    """All that is answered until the server closes the connection, which this side never does."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_silence_is_closed(address: tuple[str, int]) -> None:
    assert await said(address) == b""


async def test_half_a_head_is_closed_with_a_sentence(address: tuple[str, int]) -> None:
    answer = await said(address, b"GET /length HTTP/1.1\r\nhost: 127")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b"The headers did not arrive within 0.1 s.\n")


async def test_a_second_head_is_waited_for_no_longer_than_the_first(address: tuple[str, int]) -> None:
    whole = b"GET /length HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    answer = await said(address, whole, b"GET /length HTTP/1.1\r\nhost")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in answer


async def test_endless_headers_are_refused(address: tuple[str, int]) -> None:
    header = b"x-more: " + b"y" * 1000 + b"\r\n"
    answer = await said(address, b"GET /length HTTP/1.1\r\n" + header * (MAX_HEAD_BYTES // 1000 + 1))
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_body_that_trickles_is_refused_with_a_sentence(address: tuple[str, int]) -> None:
    answer = await said(
        address, b"POST /length HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n", b"a", b"b"
    )
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer
    assert b"did not arrive within 0.1 s" in answer


async def test_a_body_without_an_end_is_refused(patient: tuple[str, int]) -> None:
    head = b"POST /length HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    end = b"0\r\n\r\n"
    answer = await said(patient, head, *[chunk] * 65, end)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"larger than 4 MiB" in answer


async def test_who_still_writes_what_is_too_large_is_told_so(patient: tuple[str, int]) -> None:
    size = 4 * MAX_DRAWING_BYTES
    head = b"POST /length HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n" % size
    answer = await said(patient, head, *[b"x" * 2**20] * (size // 2**20))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert b"larger than 4 MiB" in answer


async def test_more_than_is_worth_reading_is_cut_off(patient: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINGER_BYTES", 2**20)
    _, writer = await asyncio.open_connection(*patient)
    writer.write(b"POST /length HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n")
    with pytest.raises(ConnectionError):
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()


async def test_a_websocket_is_not_opened(address: tuple[str, int]) -> None:
    answer = await said(
        address,
        b"GET /length HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    assert b" 101 " not in answer
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"no websockets" in answer


async def test_a_request_in_time_is_answered(address: tuple[str, int]) -> None:
    answer = await said(address, b"GET /length HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"0")
