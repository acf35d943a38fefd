"""Waiting for what happens by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def eventually(question: Callable[[], Awaitable[Answer]], *, seconds: float = 60) -> Answer:
    """Ask until the answer is true; give the last answer when it never is."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await question()
        if answer or asyncio.get_running_loop().time() > end:
            return answer
        await asyncio.sleep(0.1)
