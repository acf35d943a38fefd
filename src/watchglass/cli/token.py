"""`watchglass token …`."""

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
    days: Annotated[int, typer.Option(min=1, max=TOKEN_LIFETIME.days, help="How long it works.")] = TOKEN_LIFETIME.days,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Print a new bearer token. It is shown this once: only its hash is kept."""
    settings = Settings.read(data_dir=data_dir)
    print(uvloop.run(_create(settings, user=user, name=name, lifetime=timedelta(days=days))))


async def _create(settings: Settings, *, user: str, name: str, lifetime: timedelta) -> str:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=1)
        return await create_token(store, user=user, name=name, lifetime=lifetime)
