"""`watchglass erase`: what privacy law may ask for."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.cli.chosen_project import choose_project
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.errors import InvalidInput, NotFound
from watchglass.logging import configure_logging
from watchglass.sync.erase import erase as erase_runs
from watchglass.sync.erase import refuse_open


def erase(
    workflow_id: Annotated[str, typer.Option(help="Temporal's id of the workflow.")],
    project: Annotated[str, typer.Option(help="Name or id of the project.")],
    run_id: Annotated[str | None, typer.Option(help="Only this run of it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Erase every trace of a workflow id's runs. They are not copied again. Stop and repeat as you like."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")
    uvloop.run(_erase(settings, workflow_id, project, run_id, yes=yes))


async def _erase(settings: Settings, workflow_id: str, project: str, run_id: str | None, *, yes: bool) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=2)
        async with store.write() as reader:
            project_id = await choose_project(reader, project)
        runs = await refuse_open(store, project_id, workflow_id, run_id)
        if run_id and not runs:
            raise NotFound(
                f"No run {run_id} of the workflow id {workflow_id!r} is stored in this project. Nothing was erased."
            )
        if not yes:
            print(
                f"Runs to erase for good: {len(runs):,}. Figures will no longer count them. Backups keep them."
                if runs
                else "No run of this workflow id is stored here. None that has started until now will be copied either."
            )
            if typer.prompt("Type the workflow id to go on") != workflow_id:
                raise InvalidInput("That is not the workflow id. Nothing was erased.")
        done = await erase_runs(store, project_id, workflow_id, run_id=run_id, by=None)
    print(
        f"Runs erased: {done.runs:,}. They are not copied again."
        if done.runs
        else "No run of this workflow id was stored here. None that has started until now will be copied."
    )
    if done.mentions:
        print(
            f"Runs of other workflow ids whose histories name it, as parent or child: {done.mentions:,}. "
            "They are still here; erase them too where that is asked for."
        )
    print(
        "Temporal keeps its own copy until you delete it there, the embedded one of `watchglass up` too, which a "
        "backup holds unless it is made with --without-temporal. Backups made before keep theirs."
    )
