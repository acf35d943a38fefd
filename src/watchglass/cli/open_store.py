"""The two pools of a process that serves."""

from contextlib import AsyncExitStack

from watchglass.cli.database import DatabaseUrls
from watchglass.cli.secret_key import read_seal
from watchglass.config import Settings
from watchglass.store.pool import open_pool
from watchglass.store.roles import Roles
from watchglass.store.scope import Store


async def open_store(stack: AsyncExitStack, urls: DatabaseUrls, settings: Settings, *, size: int = 4) -> Store:
    """Open at most `size` connections as each of the two roles; they close with `stack`."""
    login = await open_pool(urls.login, size=size)
    stack.push_async_callback(login.close)
    sync = await open_pool(urls.sync, size=size)
    stack.push_async_callback(sync.close)
    return Store(login=login, sync=sync, user_role=Roles(suffix=settings.role_suffix).user, seal=read_seal(settings))
