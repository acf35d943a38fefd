"""*Rederive*: `watchglass rederive --all` over runs that were copied before, as a process of its own."""

import asyncio
import re

from tests.acceptance.running import clean_environment

from benchmarks.figure import Figure
from benchmarks.place import Place
from benchmarks.process import run_marked
from benchmarks.sync_cost import Shape, long_runs, make, short_runs
from watchglass.store.backfills import NewBackfill
from watchglass.store.connections import all_connections
from watchglass.sync.backfill import copy_here
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

_ANSWER = re.compile(r".*: ([\d,]+) \(([\d,]+) events\)")


async def measure_rederive(place: Place, scale: float) -> list[Figure]:
    return [figure for shape in (long_runs(scale), short_runs(scale)) for figure in await _measure(place, shape)]


async def _measure(place: Place, shape: Shape) -> list[Figure]:
    await make(place, shape)
    installation = await place.install("rederive")
    async with installation.open_store() as store:
        parts = Parts(store, Clients())
        async with store.write() as reader:
            [connection] = await all_connections(reader)
        # Visibility lists a run some time after it has ended.
        while (await copy_here(parts, connection, NewBackfill(query=shape.query))).synced < shape.runs:
            await asyncio.sleep(1)
    ended = await run_marked(
        ["benchmarks.marked", "rederive", "--all"], clean_environment(**installation.environment())
    )
    answer = _ANSWER.match(ended.lines[-1])
    runs, events = (int(number.replace(",", "")) for number in answer.groups()) if answer else (0, 0)
    if runs != shape.runs:
        raise RuntimeError(f"not all runs were derived again: {ended.lines}")
    cost = ended.after_imports
    note = f"{shape}, {events:,} events: {cost.wall:.2f} s on the clock, {cost.cpu:.2f} s of CPU, after imports"
    return [
        Figure("rederive", "runs", runs / cost.wall, unit="runs/s", note=note),
        Figure("rederive", "events", events / cost.wall, unit="events/s", note=note),
    ]
