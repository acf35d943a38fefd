"""`watchglass retention`: how long a project keeps its runs."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.cli.chosen_project import choose_project
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import InvalidInput
from watchglass.logging import configure_logging
from watchglass.model.retention import FEWEST_DAYS, MOST_DAYS
from watchglass.store.retention import Retention, read_removal, read_retention
from watchglass.sync.keep_runs import keep_runs, removal_sentence


def retention(
    project: Annotated[str, typer.Option(help="Name or id of the project.")],
    keep_days: Annotated[
        int | None,
        typer.Option(min=FEWEST_DAYS, max=MOST_DAYS, help="Keep runs for so many days after they ended."),
    ] = None,
    for_ever: Annotated[bool, typer.Option("--for-ever", help="Remove no more runs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Say, or change, how long a project keeps its runs. Figures stay when runs go."""
    if keep_days is not None and for_ever:
        raise InvalidInput("Give either --keep-days or --for-ever.")
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")
    uvloop.run(_retention(settings, project, keep_days, is_change=for_ever or keep_days is not None, yes=yes))


async def _retention(settings: Settings, project: str, keep_days: int | None, *, is_change: bool, yes: bool) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=2)
        async with store.write() as reader:
            project_id = await choose_project(reader, project)
            kept = await read_retention(reader, project_id)
            removal = None if keep_days is None else await read_removal(reader, project_id, keep_days)
        if not is_change:
            _tell(kept)
            return
        if removal is not None:
            say(removal_sentence(removal))
            if removal.runs and not yes and not typer.confirm("Keep no longer than that?"):
                raise InvalidInput("Nothing was changed.")
        _tell(await keep_runs(store, project_id, keep_days, is_confirmed=True, by=None))
        if removal is not None:
            say(
                f"Runs go by whole months of their start (UTC), by a worker and in the background. The next month "
                f"begins to go on {removal.next_at:%-d %B %Y}."
            )


def _tell(kept: Retention) -> None:
    if kept.keep_days is None:
        say("Runs are kept for ever.")
    else:
        say(f"Runs are kept for {kept.keep_days:,} {'day' if kept.keep_days == 1 else 'days'} after they ended.")
    if kept.rows_from is not None:
        say(
            f"Removed so far: {kept.removed_runs:,} runs that started before {kept.rows_from:%-d %B %Y}. Figures from "
            "before are by whole days."
        )
