"""*Sustained*: runs of ten components, parsed and stored by several syncs at once while a folder folds beside them.

Into one workflow, where all of them would wait for one row if there were one, and into a thousand. Then the same again
without noting what figures they change.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import asyncpg
from tests.api.seeded import make_tenant, open_parts

from benchmarks.figure import Figure
from benchmarks.generate.histories import Recorded, list_runs, read_page
from benchmarks.place import Place
from benchmarks.process import cpu_of_family, percentile
from watchglass.statistics import keep
from watchglass.statistics.contribution import NOTHING
from watchglass.sync.parts import Parts
from watchglass.sync.rolled_up import roll_up
from watchglass.sync.save import save_runs

_RUNS = 10_000
"""At scale 1."""
_SYNCS = 4
_TOGETHER = 20
_LOOK_SECONDS = 0.005
_LONGEST_WAIT_MS = 50.0
_LEAST = 500.0


async def measure_sustained(place: Place, scale: float) -> list[Figure]:
    figures = []
    for workflows in (1, 1000):
        into = "one workflow" if workflows == 1 else f"{workflows:,} workflows"
        noted = await _store(place, workflows, round(_RUNS * scale))
        with _without_notes():
            bare = await _store(place, workflows, round(_RUNS * scale))
        note = (
            f"{noted.runs:,} runs by {_SYNCS} syncs of one process and a folder; a transaction of {_TOGETHER} runs "
            f"takes {statistics.median(noted.took):.0f} ms at the median"
        )
        figures += [
            Figure("sustained", f"into {into}", noted.rate, "runs/s", least=_LEAST, note=note),
            Figure(
                "sustained",
                f"into {into}: longest lock wait",
                noted.longest_wait_ms,
                "ms",
                most=_LONGEST_WAIT_MS,
                note=f"looked at every {_LOOK_SECONDS * 1000:.0f} ms",
            ),
            Figure("sustained", f"into {into}: a transaction, p95", percentile(noted.took, 0.95), "ms"),
            Figure(
                "sustained",
                f"into {into}: CPU a run",
                noted.own_cpu_ms + noted.postgres_cpu_ms,
                "ms",
                note=f"{noted.own_cpu_ms:.2f} parse and store, {noted.postgres_cpu_ms:.2f} PostgreSQL; without notes "
                f"{bare.own_cpu_ms:.2f} and {bare.postgres_cpu_ms:.2f}",
            ),
            Figure(
                "sustained",
                f"into {into}: time ÷ without notes",
                bare.rate / noted.rate,
                note=f"{bare.rate:,.0f} runs/s without",
            ),
        ]
    return figures


class _Stored:
    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.rate = 0.0
        self.took: list[float] = []
        """Milliseconds of each transaction."""
        self.longest_wait_ms = 0.0
        self.own_cpu_ms = 0.0
        """A run. The machine may be busy with other things: what was used says more than how long it took."""
        self.postgres_cpu_ms = 0.0


async def _store(place: Place, workflows: int, runs: int) -> _Stored:
    """The runs are listed before: what is timed is what comes after their histories were fetched."""
    installation = await place.install("sustained")
    pid = place.postgres.pid
    if pid is None:
        raise RuntimeError("PostgreSQL does not run")
    stored = _Stored(runs)
    recorded = Recorded.make()
    async with installation.open_store() as store:
        work = open_parts(store)
        tenant = await make_tenant(store, work, "tenant-0", [])
        await roll_up(store)
        batches = []
        for first in range(0, runs, _TOGETHER):
            described = [
                recorded.listed(f"Workflow {number % workflows}", datetime.now(UTC))
                for number in range(first, first + _TOGETHER)
            ]
            batches.append(await list_runs(work, tenant.connection, described))
        await roll_up(store)
        async with _folding(work), _watching(installation.admin_url, stored):
            began, own, servers = time.monotonic(), time.process_time(), cpu_of_family(pid)
            left = iter(batches)
            await asyncio.gather(*(_sync(work, recorded, left, stored) for _ in range(_SYNCS)))
            stored.rate = runs / (time.monotonic() - began)
            stored.own_cpu_ms = (time.process_time() - own) / runs * 1000
            stored.postgres_cpu_ms = (cpu_of_family(pid) - servers) / runs * 1000
    return stored


async def _sync(work: Parts, recorded: Recorded, left: Iterator[Any], stored: _Stored) -> None:
    for batch in left:
        read = [read_page(recorded, listed) for listed in batch]
        began = time.monotonic()
        await save_runs(work.store, read)
        stored.took.append((time.monotonic() - began) * 1000)


@asynccontextmanager
async def _folding(work: Parts) -> AsyncIterator[None]:
    async def fold() -> None:
        while True:
            await roll_up(work.store)
            await asyncio.sleep(1)

    async with _beside(fold()):
        yield


@asynccontextmanager
async def _watching(admin_url: str, stored: _Stored) -> AsyncIterator[None]:
    """How long any backend has waited for a lock, as far as it is seen."""
    admin = await asyncpg.connect(admin_url)

    async def watch() -> None:
        while True:
            waited = await admin.fetchval(
                "SELECT max(extract(epoch FROM clock_timestamp() - waitstart) * 1000)::double precision "
                "FROM pg_locks WHERE NOT granted"
            )
            stored.longest_wait_ms = max(stored.longest_wait_ms, waited or 0.0)
            await asyncio.sleep(_LOOK_SECONDS)

    try:
        async with _beside(watch()):
            yield
    finally:
        await admin.close()


@asynccontextmanager
async def _beside(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])


@contextmanager
def _without_notes() -> Iterator[None]:
    async def nothing(*_given: Any) -> Any:
        return NOTHING

    with patch.object(keep, "contributions", nothing):
        yield
