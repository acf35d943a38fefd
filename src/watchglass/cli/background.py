"""Tasks that run beside the main one for as long as it does."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any


def run_beside(stack: AsyncExitStack, work: Coroutine[Any, Any, None], *, name: str) -> None:
    """Run `work` as a task that is cancelled, and waited for, when `stack` closes."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task})

    stack.push_async_callback(end)
