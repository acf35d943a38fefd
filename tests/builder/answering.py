"""A small HTTP server that answers as its paths say, and keeps what it was asked."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route


@dataclass
class Answering:
    url: str
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append((request.method, str(request.url.path), dict(request.headers), body))
        match request.url.path:
            case "/json":
                return Response(json.dumps({"paid": True, "query": request.url.query}), media_type="application/json")
            case "/nan":
                return Response('{"a": NaN}', media_type="application/json")
            case "/deep":
                return Response("[" * 900 + "]" * 900, media_type="application/json")
            case "/digits":
                return Response("9" * 5000, media_type="application/json")
            case "/bomb":
                return Response(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
            case "/large":
                return PlainTextResponse("x" * 1_000_001)
            case "/slow":
                await asyncio.sleep(30)
                return PlainTextResponse("late")
            case "/away":
                return RedirectResponse("http://169.254.169.254/latest", 302)
            case path if path.startswith("/status/"):
                return PlainTextResponse(f"said {path}", int(path.rpartition("/")[2]))
            case _:
                return PlainTextResponse("hello")


class _Server(uvicorn.Server):
    """Without signal handlers: those are pytest's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def answering() -> AsyncIterator[Answering]:
    """Serve on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Answering(f"http://127.0.0.1:{listener.getsockname()[1]}")
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
        app = Starlette(routes=[Route("/{path:path}", served.answer, methods=methods)])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield served
        finally:
            server.should_exit = True
            await serving
