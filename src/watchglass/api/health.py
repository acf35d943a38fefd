"""`/healthz`: the process runs. `/readyz`: it can serve, because the database answers."""

import asyncio

import structlog
from starlette.responses import PlainTextResponse, Response

from watchglass.store.scope import Store

_DATABASE_SECONDS = 2.0
_log = structlog.get_logger(__name__)


def is_alive() -> Response:
    return PlainTextResponse("ok\n")


async def is_ready(store: Store) -> Response:
    """200, or 503 when PostgreSQL does not answer in time."""
    try:
        async with asyncio.timeout(_DATABASE_SECONDS), store.door() as door:
            await door.fetchval("SELECT 1")
    except Exception as error:  # the edge: any reason at all means not ready
        _log.warning("not_ready", error=repr(error))
        return PlainTextResponse("The database does not answer.\n", status_code=503)
    return PlainTextResponse("ready\n")
