"""`watchglass token …`."""

import re
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.auth.tokens import TOKEN_LIFETIME, create_token
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.errors import InvalidInput
from watchglass.model.permission import Scope

tokens = typer.Typer(
    help="Credentials for programs.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@tokens.callback()
def root() -> None:
    """Credentials for programs."""


@tokens.command("create")
def create(
    user: Annotated[str, typer.Option(help="Whose rights the token has, for instance `owner`.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[
        Scope, typer.Option(help="What it is good for: reading; reading and copying from Temporal; everything.")
    ] = Scope.ADMIN,
    project: Annotated[str | None, typer.Option(help="The only project that it opens, by name or id.")] = None,
    expires_in: Annotated[str, typer.Option(help="How long it works: 12h, 30d, at most 365d.")] = "365d",
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Print a new bearer token. It is shown this once: only its hash is kept."""
    settings = Settings.read(data_dir=data_dir)
    print(
        uvloop.run(
            _create(settings, user=user, name=name, scope=scope, project=project, lifetime=read_lifetime(expires_in))
        )
    )


def read_lifetime(text: str) -> timedelta:
    """`12h` or `30d`, from an hour to a year. Raises InvalidInput for anything else."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([hd])", text)
    if found:
        hours = int(found[1]) * (24 if found[2] == "d" else 1)
        if hours <= TOKEN_LIFETIME.days * 24:
            return timedelta(hours=hours)
    raise InvalidInput(f"--expires-in {text} is no time from 1h to 365d. Write, for example, 30d.")


async def _create(
    settings: Settings, *, user: str, name: str, scope: Scope, project: str | None, lifetime: timedelta
) -> str:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=1)
        return await create_token(store, user=user, name=name, lifetime=lifetime, scope=scope, project=project)
