"""`python -m benchmarks`: measure against the bars and print a table."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.budget import measure_budget
from benchmarks.builder_overhead import measure_builder_overhead
from benchmarks.coordinator import measure_coordinator
from benchmarks.details import measure_details
from benchmarks.figure import HEAD, Figure
from benchmarks.increment import measure_increment
from benchmarks.memory import measure_memory
from benchmarks.memory_at_scale import measure_memory_at_scale
from benchmarks.place import Place, open_place
from benchmarks.plans import measure_plans
from benchmarks.redaction import measure_redaction
from benchmarks.rederive import measure_rederive
from benchmarks.rollup_cost import measure_rollups
from benchmarks.row_level_security import measure_row_level_security
from benchmarks.run_page import measure_run_page
from benchmarks.served import Served, serve
from benchmarks.statistics_speed import measure_lists, measure_statistics
from benchmarks.stopping import measure_stopping
from benchmarks.sustained import measure_sustained
from benchmarks.sync_cost import make, measure_sync_cost, short_runs
from benchmarks.under_load import measure_under_load
from benchmarks.watched_latency import measure_watched_latency
from watchglass.cli.main import leave
from watchglass.logging import configure_logging

ON_SERVERS: dict[str, Callable[[Place, float], Awaitable[list[Figure]]]] = {
    "sync-cost": measure_sync_cost,
    "increment": measure_increment,
    "rederive": measure_rederive,
    "redaction": measure_redaction,
    "budget": measure_budget,
    "row-level-security": measure_row_level_security,
    "builder-overhead": measure_builder_overhead,
    "stopping": measure_stopping,
    "list": measure_lists,
    "statistics": measure_statistics,
    "plans": measure_plans,
    "memory-at-scale": measure_memory_at_scale,
    "roll-ups": measure_rollups,
    "sustained": measure_sustained,
}
ON_WATCHGLASS: dict[str, Callable[[Served, float], Awaitable[list[Figure]]]] = {
    "coordinator": measure_coordinator,
    "details": measure_details,
    "run-page": measure_run_page,
    "watched-latency": measure_watched_latency,
    "under-load": measure_under_load,
    "memory": measure_memory,
}
"""These share one `watchglass up`; memory comes last, when there has been work."""
NAMES = (*ON_SERVERS, *ON_WATCHGLASS)


def main(
    scale: Annotated[float, typer.Option(help="Share of the runs that the bars name; 1 takes much longer.")] = 0.2,
    only: Annotated[list[str] | None, typer.Option(help=f"One of: {', '.join(NAMES)}; may be repeated.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Keep the servers' data here, and use it again.")] = None,
) -> None:
    """Measure with real servers and print the figures beside their bars."""
    configure_logging(json_lines=False, level="warning")
    unknown = set(only or ()) - set(NAMES)
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    asyncio.run(_measure(only or NAMES, scale, data_dir))
    leave(0)


async def _measure(names: Sequence[str], scale: float, data_dir: Path | None) -> None:
    """Print what is measured as soon as it is: a benchmark that fails takes none of those before it along."""
    began = time.monotonic()
    print(HEAD, flush=True)
    async with open_place(data_dir) as place, aclosing(_measured(place, names, scale)) as measured:
        async for name, figures in measured:
            for figure in figures:
                print(figure.line(), flush=True)
            typer.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)


async def _measured(place: Place, names: Sequence[str], scale: float) -> AsyncGenerator[tuple[str, list[Figure]]]:
    for name, measure in ON_SERVERS.items():
        if name in names:
            yield name, await measure(place, scale)
    if not set(names) & set(ON_WATCHGLASS):
        return
    await make(place, short_runs(scale))
    async with serve(place, await place.install("served")) as served:
        for name, ask in ON_WATCHGLASS.items():
            if name in names:
                yield name, await ask(served, scale)


if __name__ == "__main__":
    typer.run(main)
