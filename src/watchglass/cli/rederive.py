"""`watchglass rederive`: today's rules over what is stored."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.sync import choose_connection
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import Conflict, Unavailable
from watchglass.logging import configure_logging
from watchglass.model.connection import Connection
from watchglass.parse import PARSE_VERSION
from watchglass.store.connections import all_connections
from watchglass.store.outage import is_outage
from watchglass.store.outdated import count_outdated
from watchglass.store.scope import Store
from watchglass.sync.outdated import BATCHES_AT_ONCE, rederive_outdated
from watchglass.sync.rederive import Rederived


def rederive(
    connection: Annotated[
        str | None, typer.Option(help="Only runs of this connection: its namespace or id. By default all.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also runs that today's rules have read already.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Read stored histories again by the rules of this version. Temporal is not asked; stop and repeat as you like."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")  # What cannot be read is in the answer.
    uvloop.run(_rederive(settings, connection=connection, below=PARSE_VERSION + everything))


async def _rederive(settings: Settings, *, connection: str | None, below: int) -> None:
    async with AsyncExitStack() as stack:
        # The keys of the next batch are read beside the batches that are worked on.
        store = await open_store(stack, find_running(settings).urls, settings, size=BATCHES_AT_ONCE + 1)
        chosen: Connection | None = None
        if connection is not None:
            async with store.write() as reader:
                chosen = choose_connection(await all_connections(reader), connection)
        try:
            done = await _with_bar(store, chosen, below)
        except Exception as error:
            lost = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            if not is_outage(lost):
                raise
            raise Unavailable(
                f"The database stopped answering ({lost}). What is done stays done: run `watchglass rederive` again."
            ) from error
    of = f" of namespace {chosen.namespace}" if chosen else ""
    say(
        f"Runs{of} that were read again by the rules of version {PARSE_VERSION}: "
        f"{done.done:,} ({done.events:,} events)."
    )
    if done.left:
        raise Conflict(f"Runs that keep their old rows: {len(done.left):,}. First: {next(iter(done.left.values()))}")


async def _with_bar(store: Store, chosen: Connection | None, below: int) -> Rederived:
    connection_id = chosen.id if chosen else None
    async with store.write() as reader:
        total = await count_outdated(reader, below=below, connection_id=connection_id)
    columns = (TextColumn("Reading runs again"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rederive", total=total)

        def show(progress: Rederived) -> None:
            bar.update(task, completed=progress.done + len(progress.left))

        return await rederive_outdated(store, connection_id=connection_id, below=below, show=show)
