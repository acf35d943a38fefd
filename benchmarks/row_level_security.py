"""*Row Level Security*: what the API asks of the database, with the policies and without them, the same connection.

Without them means: as a role with BYPASSRLS. The queries name their project themselves, so the rows are the same.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
from tests.store.rls.asked import ask_as_two
from tests.store.rls.large import Large
from tests.store.rls.plans import Asked

from benchmarks.figure import Figure
from benchmarks.place import Place
from watchglass.store.roles import Roles

_COMPONENTS = 5_000_000
"""Component executions at scale 1."""
_PROJECTS = 1_000
_LARGEST = 0.13
"""The largest tenant's share of all."""
_EACH = 15
_LONG_MS = 1.0
"""Queries that take longer than this without the policies are compared; of the others the overhead is said in ms."""
_BYPASS = "benchmark_bypass"


@dataclass(frozen=True)
class _Measured:
    query: str
    guarded_ms: float
    free_ms: float

    @property
    def ratio(self) -> float:
        return self.guarded_ms / self.free_ms


async def measure_row_level_security(place: Place, scale: float) -> list[Figure]:
    installation = await place.install("row_level_security")
    runs = max(3_000, int(_COMPONENTS * scale / 3))
    large = Large(int(runs * _LARGEST), _PROJECTS, int(runs * (1 - _LARGEST) / _PROJECTS) or 1)
    async with installation.open_store() as store:
        grown = await ask_as_two(store, installation.admin_url, large)
    admin = await asyncpg.connect(installation.admin_url)
    try:
        await _make_bypass(admin)
        size = await admin.fetchrow(
            "SELECT (SELECT count(*) FROM component_executions) AS components, "
            "(SELECT count(*) FROM workflow_executions) AS runs, (SELECT count(*) FROM projects) AS projects, "
            "pg_database_size(current_database()) / 1e9 AS gigabytes"
        )
        assert size is not None
        note = (
            f"{size['components']:,} component executions of {size['runs']:,} runs, {size['projects']:,} projects, "
            f"{size['gigabytes']:.1f} GB"
        )
        figures = []
        for whose, asked in (("largest", grown.largest), ("smallest", grown.smallest)):
            measured = [await _measure(admin, entry) for entry in asked]
            figures += _figures(whose, measured, note)
        figures.append(await _per_request(admin, grown.largest[0]))
        return figures
    finally:
        await admin.close()


def _figures(whose: str, measured: list[_Measured], note: str) -> list[Figure]:
    bar = "row level security"
    long = [entry for entry in measured if entry.free_ms > _LONG_MS]
    worst = max(long, key=lambda entry: entry.ratio, default=None)
    short = [entry.guarded_ms - entry.free_ms for entry in measured if entry.free_ms <= _LONG_MS]
    figures = [
        Figure(
            bar,
            f"{whose} tenant: median query",
            statistics.median(entry.guarded_ms for entry in measured),
            unit="ms",
            most=2,
            note=f"{len(measured)} different queries of the API; {note}",
        ),
        Figure(
            bar,
            f"{whose} tenant: slowest query",
            max(entry.guarded_ms for entry in measured),
            unit="ms",
            note=" ".join(max(measured, key=lambda entry: entry.guarded_ms).query.split())[:100].replace("|", "/"),
        ),
        Figure(
            bar,
            f"{whose} tenant: added to queries under {_LONG_MS:g} ms, median",
            statistics.median(short) if short else 0.0,
            unit="ms",
            note=f"{len(short)} queries",
        ),
    ]
    if worst is not None:
        ratio = statistics.median(entry.ratio for entry in long)
        what = f"{whose} tenant: with ÷ without, queries over {_LONG_MS:g} ms"
        shown = " ".join(worst.query.split())[:100].replace("|", "/")
        figures += [
            Figure(bar, f"{what}, median", ratio, most=1.3, note=f"{len(long)} queries"),
            Figure(bar, f"{what}, worst", worst.ratio, most=1.3, note=f"{worst.free_ms:.1f} ms without: {shown}"),
        ]
    return figures


async def _make_bypass(admin: Any) -> None:
    if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", _BYPASS):
        await admin.execute(f"CREATE ROLE {_BYPASS} NOLOGIN BYPASSRLS")
    await admin.execute(
        f"GRANT USAGE ON SCHEMA public, app TO {_BYPASS}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {_BYPASS}; "
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO {_BYPASS}; SET jit = off; SET search_path = public"
    )


async def _measure(admin: Any, asked: Asked) -> _Measured:
    taken: dict[str, list[float]] = {Roles().user: [], _BYPASS: []}
    rows: dict[str, int] = {}
    for turn in range(_EACH + 2):
        for role, times in taken.items():
            async with admin.transaction():
                await _become(admin, role, asked)
                began = time.perf_counter()
                rows[role] = len(await admin.fetch(asked.query, *asked.arguments))
                if turn >= 2:
                    times.append((time.perf_counter() - began) * 1000)
    if len(set(rows.values())) != 1:
        raise RuntimeError(f"with and without the policies there are different rows: {rows} of {asked.query}")
    return _Measured(asked.query, *(statistics.median(times) for times in taken.values()))


async def _become(admin: Any, role: str, asked: Asked) -> None:
    await admin.execute(
        "SELECT set_config('role', $1, true), set_config('app.session', $2, true)",
        role,
        asked.principal.session_hash.hex(),
    )


async def _per_request(admin: Any, asked: Asked) -> Figure:
    async def plain() -> None:
        async with admin.transaction(readonly=True):
            await admin.fetchval("SELECT 1")

    async def guarded() -> None:
        async with admin.transaction(readonly=True):
            await _become(admin, Roles().user, asked)
            await admin.fetchval("SELECT 1")

    times = {work: await _median(work) for work in (plain, guarded)}
    return Figure(
        "row level security",
        "added to each request by becoming the person",
        (times[guarded] - times[plain]) * 1000,
        unit="µs",
        most=100,
        note=f"{times[plain]:.2f} → {times[guarded]:.2f} ms, medians of 300",
    )


async def _median(work: Callable[[], Awaitable[None]]) -> float:
    times = []
    for _ in range(300):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
