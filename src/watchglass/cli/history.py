"""`watchglass history`."""

import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
import uvloop

from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.errors import InvalidInput, NotFound
from watchglass.parse.export import history_json
from watchglass.store.history_pages import read_events
from watchglass.store.redaction import is_redacted
from watchglass.store.sync_states import read_state


def history(
    execution: Annotated[str, typer.Argument(help="The execution's id, as in the page's address.")],
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Print the stored Temporal history of one execution, as `temporal workflow show --output json` writes it."""
    document, hidden = uvloop.run(_history(Settings.read(data_dir=data_dir), _id(execution)))
    if hidden:
        print(
            "This history is redacted: by the project's rules values were hidden before it was stored. Each is marked "
            "[redacted:…], and the metadata of its payload says watchglass-redacted.",
            file=sys.stderr,
        )
    json.dump(document, sys.stdout, indent=2)
    print()


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is not an execution's id. Take it from the address of the execution's page."
        ) from error


async def _history(settings: Settings, execution_id: UUID) -> tuple[dict[str, Any], bool]:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=1)
        async with store.write() as reader:
            state = await read_state(reader, execution_id)
            if state is None:
                raise NotFound(f"There is no execution {execution_id}.")
            events = await read_events(reader, project_id=state.key.project_id, execution_id=execution_id)
            hidden = await is_redacted(reader, state.key)
    if not events:
        raise NotFound(f"The history of execution {execution_id} has not been copied yet. Open its page, or wait.")
    return history_json(events), hidden
