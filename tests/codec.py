"""A payload codec such as teams write for themselves, and the codec server that decodes for whoever has the token."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.json_format import MessageToJson, Parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

KEY_ID = b"test-key"
KEY = b"0123456789abcdef0123456789abcdef"
TOKEN = "codec-token-9f31c2"


class AesCodec(PayloadCodec):
    """AES-GCM over the whole payload, as in Temporal's samples."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(12)
        data = nonce + AESGCM(KEY).encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": KEY_ID}, data=data)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != b"binary/encrypted":
            return payload
        return Payload.FromString(AESGCM(KEY).decrypt(payload.data[:12], payload.data[12:], None))


CONVERTER = DataConverter(
    payload_codec=AesCodec(), failure_converter_class=DefaultFailureConverterWithEncodedAttributes
)
"""Everything that a worker with it hands to Temporal is encrypted, the text of its errors too."""


@dataclass
class Asked:
    """One request that the codec server got."""

    path: str
    headers: dict[str, str]
    count: int


@dataclass
class CodecServer:
    """A running codec server that can be told to misbehave."""

    address: str
    behaviour: str = "decode"
    """decode | slow | garbage | deep | few | redirect | enormous | broken | unknown | unchanged"""
    asked: list[Asked] = field(default_factory=list)
    _app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        self._app = Starlette(
            routes=[
                Route("/decode", self._decode, methods=["POST"]),
                Route("/elsewhere", self._decode, methods=["GET", "POST"]),
            ]
        )

    async def _decode(self, request: Request) -> Response:
        body = await request.body()
        payloads = list(Parse(body, Payloads()).payloads) if body else []
        self.asked.append(Asked(request.url.path, dict(request.headers), len(payloads)))
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response("secret reason", 401 if "authorization" not in request.headers else 403)
        return await self._answer(payloads)

    async def _answer(self, payloads: list[Payload]) -> Response:
        match self.behaviour:
            case "slow":
                await asyncio.sleep(30)
            case "garbage":
                return _json("<html>sign in</html>")
            case "deep":
                return _json("[" * 100_000)
            case "redirect":
                return RedirectResponse("/elsewhere", 307)
            case "enormous":
                return _json('{"payloads": [{"data": "' + "A" * 9 * 1024 * 1024 + '"}]}')
            case "broken":
                return Response("secret trace", 500)
            case "unknown":
                return Response("secret page", 404)
            case "unchanged":
                return _json(MessageToJson(Payloads(payloads=payloads)))
        decoded = await AesCodec().decode(payloads)
        return _json(MessageToJson(Payloads(payloads=decoded[:-1] if self.behaviour == "few" else decoded)))

    @property
    def app(self) -> Any:
        return self._app


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


@asynccontextmanager
async def codec_server() -> AsyncIterator[CodecServer]:
    """A codec server on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = CodecServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        async with served(server, listener):
            yield server


@asynccontextmanager
async def served(codec: CodecServer, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(codec.app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = _Uvicorn(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Uvicorn(uvicorn.Server):
    """Without signal handlers: those are pytest's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
