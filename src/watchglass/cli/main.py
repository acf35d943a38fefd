"""The `watchglass` command."""

import os
import sys
from typing import NoReturn

import typer

from watchglass.cli.up import up
from watchglass.errors import InvalidInput, WatchglassError

app = typer.Typer(
    name="watchglass",
    help="See what your Temporal workflows did, step by step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(up)


@app.callback()
def root() -> None:
    """See what your Temporal workflows did, step by step."""


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    leave(run())


def run() -> int:
    """Run the command line; return 0, 1 when it could not be done, or 2 when what was asked makes no sense."""
    try:
        code = app(standalone_mode=False)
    except WatchglassError as error:
        print(f"watchglass: {error.message}", file=sys.stderr)
        return 2 if isinstance(error, InvalidInput) else 1
    except typer.TyperException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return code if isinstance(code, int) else 0


def leave(code: int) -> NoReturn:
    """End at once: with temporalio 1.35 the interpreter's own way out can abort after the work is done."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
