"""*Row Level Security*: what the API asks of the database, with the policies and without them, the same connection.

Without them means: as a role with BYPASSRLS. The queries name their project themselves, so the rows are the same.
"""

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from tests.store.rls.asked import ask_as_two
from tests.store.rls.large import Large
from tests.store.rls.plans import Asked

from benchmarks.figure import Figure
from benchmarks.place import Installation, Place
from watchglass.store.pool import TURN_SECONDS, open_pool
from watchglass.store.roles import Roles
from watchglass.store.scope import Store

_COMPONENTS = 5_000_000
"""Component executions at scale 1."""
_EACH_RUN = 4
"""Component executions of the run that all are copies of."""
_PROJECTS = 1_000
_LARGEST = 0.13
"""The largest tenant's share of all."""
_EACH = 15
_REQUESTS = 1_000
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
    runs = max(3_000, int(_COMPONENTS * scale / _EACH_RUN))
    large = Large(int(runs * _LARGEST), _PROJECTS, int(runs * (1 - _LARGEST) / _PROJECTS) or 1)
    admin = await asyncpg.connect(installation.admin_url)
    try:
        async with installation.open_store() as store, _forgetful(admin):
            grown = await ask_as_two(store, installation.admin_url, large)
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
        figures += await _per_request(installation, grown.largest[0])
        return figures
    finally:
        await admin.close()


@asynccontextmanager
async def _forgetful(admin: Any) -> AsyncIterator[None]:
    """While it is filled, the server of the benchmark's own waits for no disk."""
    settings = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'16GB'", "autovacuum": "off"}
    for name, value in settings.items():
        await admin.execute(f"ALTER SYSTEM SET {name} = {value}")
    await admin.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        for name in settings:
            await admin.execute(f"ALTER SYSTEM RESET {name}")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.execute("CHECKPOINT")


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


async def _per_request(installation: Installation, asked: Asked) -> list[Figure]:
    """One read of one's own projects as the API does it, and the same of a pool whose role the policies do not bind."""
    query = "SELECT id, name FROM projects WHERE id = ANY ($1)"
    async with AsyncExitStack() as stack:
        # One connection each, so that both keep their prepared statements.
        login = await stack.enter_async_context(await open_pool(installation.urls.login, size=1))
        plain = await stack.enter_async_context(
            await asyncpg.create_pool(
                installation.admin_url, min_size=1, max_size=1, server_settings={"jit": "off", "search_path": "public"}
            )
        )
        store = Store(login, login)
        async with store.read_as(asked.principal) as reader:
            own = [row["id"] for row in await reader.fetch("SELECT id FROM projects")]

        async def free() -> int:
            async with plain.acquire(timeout=TURN_SECONDS) as connection, connection.transaction(readonly=True):
                return len(await connection.fetch(query, own))

        async def guarded() -> int:
            async with store.read_as(asked.principal) as reader:
                return len(await reader.fetch(query, own))

        times: dict[Callable[[], Awaitable[int]], list[float]] = {free: [], guarded: []}
        for turn in range(_REQUESTS + 50):
            for work, taken in times.items():
                began = time.perf_counter()
                if await work() != len(own) or not own:
                    raise RuntimeError("with and without the policies there are different projects")
                if turn >= 50:
                    taken.append((time.perf_counter() - began) * 1_000_000)
    figures = []
    for which, place in (("median", 0.5), ("of the fastest tenth", 0.1)):
        without, with_policies = (sorted(taken)[int(len(taken) * place)] for taken in times.values())
        figures.append(
            Figure(
                "row level security",
                f"added to each request by the person's scope, {which}",
                with_policies - without,
                unit="µs",
                most=100,
                note=f"{without:.0f} → {with_policies:.0f} µs, {_REQUESTS} each in turns: connection, transaction, "
                "role and session, one read, commit, connection given back",
            )
        )
    return figures
