"""The `watchglass` command."""

import os
import sys
import traceback
from typing import NoReturn

import typer

from watchglass.cli.commands import Commands
from watchglass.cli.visible import say
from watchglass.cli.whole import whole
from watchglass.errors import InvalidInput, WatchglassError

app = typer.Typer(
    name="watchglass",
    cls=Commands,
    help="See what your Temporal workflows did, step by step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root() -> None:
    """See what your Temporal workflows did, step by step."""


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    sys.stdout, sys.stderr = whole(sys.stdout), whole(sys.stderr)
    leave(run())


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, 1 when it could not be done, or 2 when it makes no sense."""
    try:
        app(arguments)
    except WatchglassError as error:
        say(f"watchglass: {error.message}", file=sys.stderr)
        return 2 if isinstance(error, InvalidInput) else 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Exception:
        traceback.print_exc()
        say("watchglass: This is a bug. Please report it with the lines above.", file=sys.stderr)
        return 1
    return 0


def leave(code: int) -> NoReturn:
    """End at once: with temporalio 1.35 the interpreter's own way out can abort after the work is done."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
