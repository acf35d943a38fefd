"""Being asked to stop: signals set a flag and nothing else, whoever waits for it winds down in order."""

import asyncio
import signal
from collections.abc import Awaitable


def stop_flag() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set. The terminal and `uv` may both signal: once or twice is the same."""
    flag = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, flag.set)
    return flag


async def run_until(flag: asyncio.Event, work: Awaitable[None]) -> None:
    """Run `work` until it ends or `flag` is set; then cancel it and wait until it has cleaned up."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.create_task(flag.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if not task.cancelled():
        task.result()
