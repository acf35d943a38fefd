"""A wire before PostgreSQL that is cut between a COMMIT and its answer.

    client ── COMMIT ──▶ wire ── COMMIT ──▶ server
           ◀── (cut) ──       ◀── done ────

The client cannot know whether its transaction has been kept. `is_before`: the COMMIT itself is lost as well.
"""

import asyncio

from tests.acceptance.wire import Joined, Wire

_COMMIT = b"COMMIT;"


class CommitCutter(Wire):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.left = -1
        """How many COMMITs pass before one is cut; negative: all of them."""
        self.is_before = False
        self.cut = 0

    async def is_cut(self, data: bytes, joined: Joined) -> bool:
        if self.left < 0 or _COMMIT not in data:
            return False
        self.left -= 1
        if self.left >= 0:
            return False
        self.cut += 1
        if not self.is_before:
            joined.is_mute = True
            joined.server.write(data)
            await joined.server.drain()
            # A server that finds its client gone finishes what it was told all the same; this lets it.
            await asyncio.sleep(0.05)
        return True
