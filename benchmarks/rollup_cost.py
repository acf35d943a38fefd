"""*Roll-ups*: how much room they take beside the rows, how quickly they are made anew, and compared with the rows."""

import time

import asyncpg

from benchmarks.figure import Figure
from benchmarks.generate.database import filled_database
from benchmarks.place import Place
from watchglass.statistics.compare import find_drift
from watchglass.statistics.rebuild import rebuild

_ROLL_UPS = ("run_rollups", "component_rollups", "rollup_splits", "rollup_variants", "rollup_components")
_ROWS = ("workflow_executions", "component_executions", "execution_keys", "history_pages")
_MOST = 0.05
_LEAST = 100_000.0


async def measure_rollups(place: Place, scale: float) -> list[Figure]:
    installation, filled = await filled_database(place, scale)
    admin = await asyncpg.connect(installation.admin_url)
    try:
        # What was written and deleted while they were made is no room that they need.
        for table in _ROLL_UPS:
            await admin.execute(f"VACUUM FULL {table}")
        sizes: dict[str, int] = {
            row["relname"]: row["bytes"]
            for row in await admin.fetch(
                "SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class "
                "WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[])",
                [*_ROLL_UPS, *_ROWS],
            )
        }
        lsn = await admin.fetchval("SELECT pg_current_wal_lsn()")
        async with installation.open_store() as store:
            began = time.monotonic()
            rebuilt = await rebuild(store, filled.projects[0])
            took = time.monotonic() - began
            written = await admin.fetchval("SELECT pg_current_wal_lsn() - $1::pg_lsn", lsn)
            began = time.monotonic()
            drift = await find_drift(store, filled.projects[0])
            compared = time.monotonic() - began
    finally:
        await admin.close()
    if rebuilt is None or drift.drift:
        raise RuntimeError(f"roll-ups that were made a moment ago are not what the rows add up to: {drift}")
    rolled_up, rows = (sum(sizes[table] for table in tables) for tables in (_ROLL_UPS, _ROWS))
    said = ", ".join(f"{table} {sizes[table] / 1e6:,.0f} MB" for table in (*_ROLL_UPS[:2], *_ROWS))
    note = f"the largest project, {rebuilt.executions:,} executions of ten components"
    return [
        Figure("roll-up storage", "roll-ups ÷ rows", rolled_up / rows, most=_MOST, note=said),
        Figure(
            "rebuild",
            "executions",
            rebuilt.executions / took,
            "/s",
            least=_LEAST,
            note=f"{note}; {float(written) / 1e6:,.0f} MB of WAL",
        ),
        Figure("check", "executions", rebuilt.executions / compared, "/s", note=f"{note}; nothing differs"),
    ]
