"""Being asked to stop: a signal sets a flag and nothing else, whoever waits for it winds down in order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable

ONE_WISH_SECONDS = 1.0
"""The terminal and `uv` may both pass one Ctrl-C on: what comes so soon after the first is the same wish."""


def stop_flag() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set.

    One that comes later ends the process at once: what it was doing is left to leases that run out, and to the next
    start. Its exit code is then 128 and the signal's number, as a shell tells it.
    """
    flag = asyncio.Event()
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def stop(number: signal.Signals) -> None:
        if first and time.monotonic() - first[0] > ONE_WISH_SECONDS:
            sys.stdout.flush()
            os._exit(128 + number)
        first.append(time.monotonic())
        flag.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
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
