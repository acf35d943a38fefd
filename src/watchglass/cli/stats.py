"""`watchglass stats …`: the stored figures against the rows that they are of."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvloop

from watchglass.cli.chosen_project import choose_project
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import Conflict
from watchglass.logging import configure_logging
from watchglass.statistics.compare import NOTHING_COMPARED, Drift, find_drift
from watchglass.statistics.rebuild import rebuild
from watchglass.store.projects import all_projects
from watchglass.store.scope import Store

statistics = typer.Typer(
    help="Stored figures, against the runs that they are of.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
_TURN_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_Project = Annotated[str | None, typer.Option(help="Name or id of one project. By default all.")]
_DataDir = Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")]


@statistics.callback()
def root() -> None:
    """Stored figures, against the runs that they are of."""


@statistics.command("check")
def check(project: _Project = None, data_dir: _DataDir = None) -> None:
    """Compare the stored figures with the runs. Changes nothing; exit code 1 when they differ."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")
    uvloop.run(_check(settings, project))


@statistics.command("rebuild")
def remake(project: _Project = None, data_dir: _DataDir = None) -> None:
    """Make the stored figures anew from the runs, beside everything that works. Stop and repeat as you like."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")
    uvloop.run(_rebuild(settings, project))


async def _check(settings: Settings, wanted: str | None) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=2)
        found = NOTHING_COMPARED
        projects = await _projects(store, wanted)
        for project_id, name in projects:
            of_project = await find_drift(store, project_id)
            found = found.plus(of_project)
            if of_project.drift:
                say(
                    f"{name}: {len(of_project.drift):,} of {of_project.compared:,} figures are not what their runs add "
                    f"up to. First: {_told(of_project.drift[0])}."
                )
    if found.drift:
        raise Conflict("Stored figures differ from the runs. `watchglass stats rebuild` makes them anew.")
    say(
        f"The stored figures are what the runs add up to. Compared: {found.compared:,} figures of {len(projects):,} "
        "projects."
    )


def _told(drift: Drift) -> str:
    if drift.grain is None or drift.bucket is None:
        return f"the total of {drift.series} in {drift.table}"
    return f"the {drift.grain.word} from {drift.bucket:%Y-%m-%d %H:%M} UTC of {drift.series} in {drift.table}"


async def _rebuild(settings: Settings, wanted: str | None) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=2)
        for project_id, name in await _projects(store, wanted):
            deadline = time.monotonic() + _TURN_SECONDS
            began = time.monotonic()
            while (done := await rebuild(store, project_id)) is None:
                await _next_turn(name, deadline)
            took = time.monotonic() - began
            say(f"{name}: figures of {done.executions:,} runs in {done.months:,} months made anew in {took:.1f} s.")


async def _projects(store: Store, wanted: str | None) -> list[tuple[UUID, str]]:
    async with store.write() as reader:
        chosen = await choose_project(reader, wanted) if wanted is not None else None
        rows = await all_projects(reader)
    return [(row["id"], row["name"]) for row in rows if chosen in {None, row["id"]}]


async def _next_turn(project: str, deadline: float) -> None:
    """A worker folds what is noted, for moments at a time."""
    if time.monotonic() > deadline:
        raise Conflict(
            f"Something else has been working on the figures of {project} for a minute, a rebuild perhaps. Wait until "
            "it is done, and try again."
        )
    await asyncio.sleep(_LOOK_SECONDS)
