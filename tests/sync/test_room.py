"""Large histories are read within bounds, one after the other where they are larger than those."""

import asyncio

from watchglass.sync.room import LARGE_BYTES, Room


async def test_large_ones_wait_for_each_other_and_small_ones_for_nobody() -> None:
    room = Room(3 * LARGE_BYTES)
    held: list[str] = []
    go = {name: asyncio.Event() for name in ("two", "huge", "one", "small")}

    async def hold(name: str, size: int) -> None:
        async with room.of(size):
            held.append(name)
            await go[name].wait()
            held.remove(name)

    tasks = []
    for name, size in (("two", 2), ("huge", 100), ("one", 1), ("small", 0)):
        tasks.append(asyncio.create_task(hold(name, size * LARGE_BYTES)))
        await _settled()
    # The huge one waits for all of the room, and those behind it wait for their turn, though there would be room.
    assert held == ["two", "small"]
    go["two"].set()
    await _settled()
    assert held == ["small", "huge"]
    go["huge"].set()
    await _settled()
    assert held == ["small", "one"]
    go["one"].set()
    go["small"].set()
    await asyncio.gather(*tasks)


async def test_who_is_cancelled_while_waiting_holds_nothing() -> None:
    room = Room(LARGE_BYTES)
    async with room.of(LARGE_BYTES):
        waiting = asyncio.create_task(_enter(room))
        await _settled()
        waiting.cancel()
        await _settled()
    async with asyncio.timeout(5):
        await _enter(room)


async def _enter(room: Room) -> None:
    async with room.of(LARGE_BYTES):
        return


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
