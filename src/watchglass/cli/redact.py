"""`watchglass redact`: today's rules over what is stored."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from watchglass.cli.chosen_project import choose_project
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.errors import Conflict
from watchglass.logging import configure_logging
from watchglass.store.audit import add_line
from watchglass.store.redaction import count_unredacted
from watchglass.sync.redact_stored import redact_project, redactor_of
from watchglass.sync.rederive import Rederived


def redact(
    project: Annotated[str, typer.Option(help="Name or id of the project.")],
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Apply a project's redaction rules to what is stored already. Stop and repeat as you like; figures stay."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")  # What cannot be read is in the answer.
    uvloop.run(_redact(settings, project))


async def _redact(settings: Settings, project: str) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=2)
        async with store.write() as reader:
            project_id = await choose_project(reader, project)
        redactor = await redactor_of(store, project_id)
        if redactor is None:
            raise Conflict("The project has no redaction rules. Set some on its Privacy page first.")
        async with store.write() as reader:
            total = await count_unredacted(reader, project_id, redactor.revision)
        console = Console(stderr=True)
        columns = (TextColumn("Redacting runs"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("redact", total=total)

            def show(progress: Rederived) -> None:
                bar.update(task, completed=progress.done + len(progress.left))

            done = await redact_project(store, project_id, redactor, show=show)
        async with store.write() as writer:
            await add_line(
                writer,
                project_id=project_id,
                by=None,
                action="privacy.redact",
                target=project_id,
                details={"runs": done.done, "left": len(done.left)},
            )
    print(f"Runs that the rules were applied to: {done.done:,} ({done.events:,} events).")
    print(
        "Temporal keeps its own copy as it was, the embedded one of `watchglass up` too, which a backup holds unless "
        "it is made with --without-temporal."
    )
    if done.left:
        raise Conflict(f"Runs that could not be read: {len(done.left):,}. First: {next(iter(done.left.values()))}")
