"""The wires between Watchglass's processes and what they talk to, and what the storm does to them."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from tests.acceptance.wire import Wire

FAULTS = ("latency", "throttle", "black hole", "reset", "reset mid-message", "half-close", "cut after N bytes")
LASTING = frozenset({"latency", "throttle", "black hole"})
"""They go on for a while; the others happen in a moment."""


@asynccontextmanager
async def wires(**behind: str) -> AsyncIterator[Mapping[str, Wire]]:
    """One before each `name="host:port"`."""
    opened: dict[str, Wire] = {}
    try:
        for name, address in behind.items():
            host, _, port = address.rpartition(":")
            opened[name] = await Wire(host, int(port)).__aenter__()
        yield opened
    finally:
        for wire in opened.values():
            await wire.__aexit__(None, None, None)


def through(url: str, wire: Wire) -> str:
    """The database URL that leads through the wire."""
    parts = urlsplit(url)
    place = f"{parts.netloc.rpartition('@')[0]}@{wire.address}"
    return urlunsplit(parts._replace(netloc=place))


def spoil(wire: Wire, fault: str, dice: random.Random) -> None:
    """Begin a fault; `wire.mend()` ends it."""
    match fault:
        case "latency":
            wire.latency = dice.uniform(0.05, 0.4)
        case "throttle":
            wire.bytes_a_second = dice.uniform(10_000, 100_000)
        case "black hole":
            wire.stop()
        case "reset":
            wire.reset()
        case "reset mid-message":
            wire.reset(mid_message=True)
        case "half-close":
            wire.half_close(dice.choice(("client", "server")))
        case "cut after N bytes":
            wire.cut_after(dice.randrange(0, 4000))
        case _:
            raise ValueError(fault)
