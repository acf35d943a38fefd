"""Says when a server stops or begins to answer; a dead one is restarted by whoever keeps it."""

import asyncio
from typing import Protocol

import structlog

_log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0


class Server(Protocol):
    async def is_healthy(self) -> bool: ...


async def watch_health(name: str, server: Server) -> None:
    """Ask `server` every few seconds for ever; log when the answer changes."""
    was_healthy = True
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        healthy = await _answers(server)
        if healthy != was_healthy:
            _log.warning("server_answers_again" if healthy else "server_does_not_answer", server=name)
        was_healthy = healthy


async def _answers(server: Server) -> bool:
    try:
        return await asyncio.wait_for(server.is_healthy(), ANSWER_SECONDS)
    except TimeoutError:
        return False
