"""How much of large histories a process holds at the same time.

Reading one takes about twice its size until it is written. Small ones are many and take their turns by number.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from watchglass.memory import give_back

LARGE_BYTES = 2 * 1024 * 1024
"""As Temporal counts a history. What is smaller is not counted."""
MOST_BYTES = 48 * 1024 * 1024
"""Of all large ones together. One that is larger is read alone; Temporal ends runs at 50 MB."""


class Room:
    """First come, first served: a very large one is not passed by smaller ones for ever."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = self._free = most_bytes
        self._turn = asyncio.Lock()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Wait until there is room for a history of `size` bytes, and hold it."""
        if size < LARGE_BYTES:
            yield
            return
        size = min(size, self._most)
        async with self._turn, self._changed:
            await self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            give_back()
            self._free += size
            async with self._changed:
                self._changed.notify_all()
