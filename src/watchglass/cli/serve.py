"""The page and its API, served from this process."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.applications import Starlette

from watchglass.cli.connection_limits import BoundedProtocol
from watchglass.errors import StartupError

CLOSE_SECONDS = 10
"""How long requests that are being answered may take when Watchglass stops."""


class PageServer:
    """Serves `app` on `listener` between `start` and `stop`.

    Where a request comes from is what its connection says; what its headers say counts from `proxies` alone.
    """

    def __init__(self, app: Starlette, listener: socket.socket, *, proxies: Sequence[str] = ()) -> None:
        self._listener = listener
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                # Left to itself, Uvicorn believes every program of this machine.
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                timeout_graceful_shutdown=CLOSE_SECONDS,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are answered."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]), name="page")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._serving.done():
            self._serving.result()
            raise StartupError("The page could not be served; the lines above say why.")

    async def ended(self) -> None:
        """Wait until it serves no more."""
        if self._serving is not None:
            await asyncio.wait({self._serving})

    async def stop(self) -> None:
        self._server.should_exit = True
        await self.ended()


class _Uvicorn(uvicorn.Server):
    """Uvicorn without signal handlers of its own, that says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
