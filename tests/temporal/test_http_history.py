"""The HTTP API is signed in to as gRPC is."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.acceptance.certificates import Authority

from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.model.execution import RunRef
from watchglass.temporal import http_history
from watchglass.temporal.access import Access, HttpApi
from watchglass.temporal.client import Clients
from watchglass.temporal.errors import HistoryUnreadable
from watchglass.temporal.http_history import read_over_http

OURS = Authority("Ours")
PAGE = b'{"history":{"events":[]}}'


@asynccontextmanager
async def http_api(context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Answers one empty page to who has the key, 403 to everybody else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if b"authorization: bearer the-key" in head.lower() else b"403 Forbidden"
        length = str(len(PAGE)).encode()
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\nConnection: close\r\n\r\n" + PAGE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}"


async def read(address: str, credentials: Credentials) -> list[bytes]:
    service = (await Clients().get("127.0.0.1:1", "default")).workflow_service
    access = Access(service, "default")
    return [page async for page in read_over_http(access, HttpApi(address, credentials), RunRef("order-1", "run-1"))]


@pytest.mark.parametrize(
    "credentials", [Credentials(api_key="the-key"), Credentials(headers=(("authorization", "Bearer the-key"),))]
)
async def test_the_key_or_header_of_the_connection_is_sent(credentials: Credentials) -> None:
    async with http_api() as address:
        assert await read(address, credentials) == [PAGE]


async def test_without_it_the_refusal_is_a_sentence() -> None:
    async with http_api() as address:
        with pytest.raises(HistoryUnreadable, match="does not accept the connection's credentials"):
            await read(address, NO_CREDENTIALS)


async def test_a_page_that_never_ends_is_given_up_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_history, "LIMIT_BYTES", 100_000)
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b" " * 50_000)
                sent += 50_000
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(HistoryUnreadable, match="larger than 100,000 bytes"):
            await read(f"http://127.0.0.1:{port}", NO_CREDENTIALS)
    assert sent >= 100_000


async def test_a_compressed_answer_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    asked = b""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n" + bomb)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(HistoryUnreadable, match="compresses its answers"):
            await read(f"http://127.0.0.1:{port}", NO_CREDENTIALS)
    assert b"accept-encoding: identity\r\n" in asked.lower()


async def test_the_connections_own_authority_and_certificate_are_used(tmp_path: Path) -> None:
    pair, client = OURS.issue("server"), OURS.issue("client")
    for name, text in (("cert.pem", pair.certificate), ("key.pem", pair.key), ("ca.pem", OURS.certificate)):
        (tmp_path / name).write_text(text)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    async with http_api(context) as address:
        credentials = Credentials(
            tls=True,
            server_ca=OURS.certificate,
            api_key="the-key",
            client_certificate=client.certificate,
            client_key=client.key,
        )
        assert await read(address, credentials) == [PAGE]
