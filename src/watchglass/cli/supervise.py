"""Starts the parts in order, keeps them, and stops them in the opposite order.

    data directory's lock → page's port → Temporals that the settings name → PostgreSQL → schema → Temporal → …

The port is taken before anything is started: a taken one is the commonest mistake and should cost no waiting.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from temporalio.envconfig import ClientConfigProfile

from watchglass.cli.background import run_beside
from watchglass.cli.database import open_database
from watchglass.cli.health import watch_health
from watchglass.cli.listen import open_listener
from watchglass.cli.outside import check_outside
from watchglass.cli.stop import run_until, stop_flag
from watchglass.cli.temporals import open_temporals
from watchglass.config import Settings
from watchglass.embedded.lock import DirectoryLock

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    host: str
    port: int | None
    data_dir: Path
    demo: bool
    open_page: bool
    json_log: bool


async def supervise(options: Options, settings: Settings, profile: ClientConfigProfile | None) -> None:
    """Run everything until a signal asks to stop."""
    flag = stop_flag()
    await run_until(flag, _run(options, settings, profile))
    _log.info("stopped", message="Watchglass has stopped.")


async def _run(options: Options, settings: Settings, profile: ClientConfigProfile | None) -> None:
    async with AsyncExitStack() as stack:
        stack.enter_context(DirectoryLock(options.data_dir))
        stack.enter_context(open_listener(options.host, options.port))
        await check_outside(settings, profile)
        database = await open_database(stack, settings, options.data_dir)
        temporals = await open_temporals(stack, settings, options.data_dir, profile=profile, demo=options.demo)
        if database.embedded:
            run_beside(stack, watch_health("postgres", database.embedded), name="postgres health")
        if temporals.embedded:
            run_beside(stack, watch_health("temporal", temporals.embedded), name="temporal health")
        await asyncio.Event().wait()
