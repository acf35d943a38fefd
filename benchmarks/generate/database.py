"""A filled database of a benchmark's own, made once in a data directory that is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from benchmarks.generate.fill import Filled, fill, roll_up_all
from benchmarks.place import Installation, Place

_NAME = "scale"
_WHILE_FILLING = {"max_wal_size": "'8GB'", "checkpoint_timeout": "'1h'", "autovacuum": "off"}


async def filled_database(place: Place, scale: float) -> tuple[Installation, Filled]:
    """Filled at this scale, now or in an earlier run over the same data directory."""
    made = place.data_dir / f"filled-{scale:g}.json"
    if made.exists():
        installation, filled = await place.open(_NAME), Filled.read(made)
    else:
        for other in place.data_dir.glob("filled-*.json"):
            other.unlink()
        installation = await place.install(_NAME)
        async with _without_interruption(installation.admin_url):
            filled = await fill(installation, scale)
        filled.write(made)
    async with _without_interruption(installation.admin_url):
        rolled_up = await roll_up_all(installation, filled)
    if rolled_up != filled:
        rolled_up.write(made)
    return installation, rolled_up


@asynccontextmanager
async def _without_interruption(admin_url: str) -> AsyncIterator[None]:
    admin = await asyncpg.connect(admin_url)
    try:
        for name, value in _WHILE_FILLING.items():
            await admin.execute(f"ALTER SYSTEM SET {name} = {value}")
        await admin.execute("SELECT pg_reload_conf()")
        yield
        for name in _WHILE_FILLING:
            await admin.execute(f"ALTER SYSTEM RESET {name}")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.execute("CHECKPOINT")
    finally:
        await admin.close()
