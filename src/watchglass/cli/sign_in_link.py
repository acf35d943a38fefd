"""`watchglass sign-in-link`."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.auth.sign_in import new_sign_in_url
from watchglass.auth.tokens import user_called
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.errors import StartupError


def sign_in_link(
    user: Annotated[str, typer.Option(help="Who signs in with it.")] = "owner",
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
) -> None:
    """Print a link that signs a browser in, once, within ten minutes."""
    print(uvloop.run(_link(Settings.read(data_dir=data_dir), user)))


async def _link(settings: Settings, user: str) -> str:
    running = find_running(settings)
    if running.page_url is None:
        raise StartupError("No page is served from this data directory. Start it with `watchglass up`.")
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=1)
        page = running.public_url or running.page_url
        return await new_sign_in_url(store, user_id=await user_called(store, user), page=page)
