"""`watchglass sync`: copy what a namespace has now."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from watchglass.cli.how_far_back import print_cost
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import InvalidInput, NotFound, Unavailable
from watchglass.logging import configure_logging
from watchglass.model.connection import Connection
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.connections import all_connections
from watchglass.sync.backfill import BackfillProgress, copy_here
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.codec_hosts import CodecHosts

_POOL_SIZE = 8


def sync(
    connection: Annotated[
        str | None, typer.Option(help="Namespace or id of the connection; needed when there are several.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Only runs that started at or after this time (UTC).")] = None,
    query: Annotated[str, typer.Option(help="Only runs that match this Temporal visibility query.")] = "",
    wait: Annotated[bool, typer.Option(help="Copy them here and now, and say when they are done.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Copy runs that are there already: a job for the workers, or with --wait done in this process."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level=settings.log_level)
    uvloop.run(_sync(settings, connection=connection, since=since, query=query, wait=wait))


async def _sync(settings: Settings, *, connection: str | None, since: datetime | None, query: str, wait: bool) -> None:
    running = find_running(settings)
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=_POOL_SIZE)
        parts = Parts(store, Clients(), codec_hosts=CodecHosts.read(settings.codec_hosts))
        async with store.write() as reader:
            chosen = choose_connection(await all_connections(reader), connection)
        new = NewBackfill(from_at=since and since.replace(tzinfo=since.tzinfo or UTC), query=query)
        await print_cost(parts, chosen, new)
        if wait:
            await _copy(parts, chosen, new)
            return
        async with store.write() as writer:
            await add_backfill(writer, chosen, new)
        say(f"The workers copy the runs of namespace {chosen.namespace}; its project's page shows how far they are.")


async def _copy(parts: Parts, connection: Connection, new: NewBackfill) -> None:
    columns = (TextColumn("Copying runs"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sync", total=None)

        def show(progress: BackfillProgress) -> None:
            bar.update(task, total=progress.listed, completed=progress.synced + progress.failed)

        done = await copy_here(parts, connection, new, show=show)
        await asyncio.sleep(0)
    say(f"{done.synced:,} of {done.listed:,} runs of namespace {connection.namespace} that were not yet are copied.")
    if done.failed:
        raise Unavailable(
            f"{done.failed:,} runs could not be copied and will be tried again. First: {done.first_error}"
        )


def choose_connection(connections: list[Connection], wanted: str | None) -> Connection:
    """The connection that is meant.

    Raises:
        NotFound: none has that namespace or id.
        InvalidInput: several could be meant.
    """
    matching = [c for c in connections if wanted is None or c.namespace == wanted or _is_id(wanted, c.id)]
    names = ", ".join(sorted(f"{c.namespace} ({c.id})" for c in connections)) or "none"
    if not matching:
        raise NotFound(f"There is no connection {wanted or ''}. There are: {names}.".replace("  ", " "))
    if len(matching) > 1:
        raise InvalidInput(f"Say which connection with --connection. There are: {names}.")
    return matching[0]


def _is_id(text: str, connection_id: UUID) -> bool:
    return text.lower() == str(connection_id)
