"""`watchglass inspect FILE`: what a workflow did, from one history file, without any server."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from temporalio.api.history.v1 import HistoryEvent

from watchglass.api.render.inspected import inspected
from watchglass.cli.run_table import run_report
from watchglass.errors import InvalidInput
from watchglass.model.execution import Execution
from watchglass.parse.file import MAX_BYTES, read_history
from watchglass.parse.history import parse_history


def inspect(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="JSON or protobuf, also gzipped.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it in the shapes of the API.")] = False,
) -> None:
    """Show the run that a history file tells, step by step, without any server."""
    events = read_events(path)
    execution = parse_history(events)
    if as_json:
        print_json(execution, size=sum(event.ByteSize() for event in events))
    else:
        Console().print(run_report(execution, path.name))


def read_events(path: Path) -> list[HistoryEvent]:
    """The events in the file. Raises InvalidInput with one sentence that names the file and says what to do."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInput(_too_large(path, size))
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return read_history(data)
    except InvalidInput as error:
        raise InvalidInput(f"{path} cannot be shown. {error.message}") from error


def _too_large(path: Path, size: int) -> str:
    return (
        f"{path} cannot be shown. It has {size / 2**20:.0f} MiB, and Temporal lets no history grow "
        f"beyond {MAX_BYTES // 2**20} MiB, so it is not one history."
    )


def print_json(execution: Execution, *, size: int) -> None:
    """Print `{"execution": …, "components": […]}`; `size` is that of the events, in bytes, as Temporal counts it.

    Text is escaped to ASCII, so every terminal and pipe takes it.
    """
    print(json.dumps(inspected(execution, history_bytes=size), indent=2))
