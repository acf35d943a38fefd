"""One process's followers, without the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from watchglass.sync.followers import Followers
from watchglass.sync.listening import Listening
from watchglass.sync.parts import Parts


@asynccontextmanager
async def following(parts: Parts) -> AsyncIterator[Followers]:
    listening = Listening(parts.store)
    followers = Followers(parts, listening)
    tasks = [asyncio.create_task(listening.run()), asyncio.create_task(followers.run())]
    try:
        yield followers
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
