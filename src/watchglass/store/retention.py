"""How long a project keeps its runs, and how far they were removed.

    ── frozen: figures of roll-ups, by whole days ──┤rows_from├── rows, and figures of any time ──▶
      open runs, and those that ended lately, are still there

`rows_from` is the beginning of a month in UTC and only rises, so that no roll-up is of rows that are partly gone. It
and `closed_before` only rise, so that what was removed is not copied again when a project comes to keep runs longer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.store.moments import micros
from watchglass.store.scope import Reader, Writer

MOST_COUNTED = 1_000_000
"""Runs that would be removed are counted up to here."""
_CLAIM_LOCK = 7_402_613
"""Advisory lock: two workers do not claim at the same time."""
_DIFFERENT_CLOCKS = timedelta(hours=1)
"""An end that visibility tells may be so much later than the one in the history."""
IS_OVER = (
    "e.status NOT IN ('pending', 'running', 'paused') AND coalesce(e.closed_at, e.source_gone_at) < {0} "
    "AND (e.is_final OR e.next_sync_at IS NULL OR e.sync_status = 'set_aside')"
)
"""A run that ended before an SQL moment, or of which Temporal deleted the end before anybody saw it.

One that is still to be copied stays until it is: its steps are not counted yet.
"""


def kept_since(project: str = "$1") -> str:
    """SQL: from where on the figures of a project are those of its rows; '-infinity' where none were removed."""
    return (
        "coalesce((SELECT t.rows_from FROM project_retention t "  # noqa: S608 - own words
        f"WHERE t.project_id = {project}), timestamptz '-infinity')"
    )


@dataclass(frozen=True, slots=True)
class Retention:
    keep_days: int | None
    """After their end; None: for ever."""
    rows_from: datetime | None
    """Of what started before, figures are those of roll-ups; None: all rows are there."""
    closed_before: datetime | None
    removed_runs: int
    passed_at: datetime | None
    """When the last round of removing was over."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a project that keeps runs for some days does not keep."""

    runs: int
    is_exact: bool
    """False when counting stopped at `MOST_COUNTED`."""
    rows_from: datetime
    """Runs that started before go when they ended before `closed_before`."""
    closed_before: datetime
    next_at: datetime
    """When the next month begins to go."""


async def read_retention(reader: Reader, project_id: UUID) -> Retention:
    row = await reader.fetchrow(
        "SELECT keep_days, rows_from, closed_before, removed_runs, passed_at FROM project_retention "
        "WHERE project_id = $1",
        project_id,
    )
    return Retention(None, None, None, 0, None) if row is None else Retention(*row)


async def read_rows_from(reader: Reader, project_id: UUID) -> datetime | None:
    rows_from: datetime | None = await reader.fetchval(
        "SELECT rows_from FROM project_retention WHERE project_id = $1", project_id
    )
    return rows_from


async def lock_retention(writer: Writer, project_id: UUID) -> Retention:
    """Nobody else changes it until the transaction ends."""
    await writer.execute(
        "INSERT INTO project_retention (project_id) VALUES ($1) ON CONFLICT (project_id) DO NOTHING", project_id
    )
    await writer.execute("SELECT FROM project_retention WHERE project_id = $1 FOR UPDATE", project_id)
    return await read_retention(writer, project_id)


async def save_keep_days(writer: Writer, project_id: UUID, keep_days: int | None) -> None:
    """The row must be there (`lock_retention`). It is the project's turn at once."""
    await writer.execute(
        "UPDATE project_retention SET keep_days = $2, passed_at = NULL WHERE project_id = $1", project_id, keep_days
    )


async def read_removal(reader: Reader, project_id: UUID, keep_days: int) -> Removal:
    """What goes, by the database's clock, if runs are kept for so many days."""
    row = await reader.fetchrow(
        f"""
        WITH given AS (
            SELECT clock_timestamp() - make_interval(hours => 24 * $2) AS closed_before
        ), ends AS (
            SELECT closed_before, greatest({kept_since()}, date_trunc('month', closed_before, 'UTC')) AS rows_from
            FROM given
        )
        SELECT (SELECT count(*) FROM (
                SELECT FROM workflow_executions e WHERE e.project_id = $1 AND e.started_at < ends.rows_from
                  AND {IS_OVER.format("ends.closed_before")} LIMIT {MOST_COUNTED + 1}
            ) counted) AS runs, rows_from, closed_before,
            greatest((rows_from AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
                     + make_interval(hours => 24 * $2), clock_timestamp()) AS next_at
        FROM ends
        """,  # noqa: S608 - own words only
        project_id,
        keep_days,
    )
    assert row is not None
    return Removal(
        min(row["runs"], MOST_COUNTED),
        row["runs"] <= MOST_COUNTED,
        row["rows_from"],
        row["closed_before"],
        row["next_at"],
    )


async def claim_removal(writer: Writer, *, claim_seconds: float, every_seconds: float) -> UUID | None:
    """The project whose turn it is, held for `claim_seconds`; None: none is due, or another worker removes."""
    await writer.execute("SELECT pg_advisory_xact_lock($1)", _CLAIM_LOCK)
    project_id: UUID | None = await writer.fetchval(
        """
        UPDATE project_retention SET claimed_until = clock_timestamp() + make_interval(secs => $1) WHERE project_id = (
            SELECT t.project_id FROM project_retention t JOIN rollup_projects p ON p.project_id = t.project_id
            WHERE t.keep_days IS NOT NULL
              AND NOT EXISTS (SELECT FROM project_retention x WHERE x.claimed_until > clock_timestamp())
              AND (t.passed_at IS NULL OR t.passed_at < clock_timestamp() - make_interval(secs => $2))
            ORDER BY t.passed_at NULLS FIRST, t.project_id LIMIT 1
        ) RETURNING project_id
        """,
        claim_seconds,
        every_seconds,
    )
    return project_id


async def hold_removal(writer: Writer, project_id: UUID, *, claim_seconds: float) -> None:
    """It goes on."""
    await writer.execute(
        "UPDATE project_retention SET claimed_until = clock_timestamp() + make_interval(secs => $2) "
        "WHERE project_id = $1",
        project_id,
        claim_seconds,
    )


async def end_removal(writer: Writer, project_id: UUID, *, is_over: bool) -> None:
    """Let go of the claim; `is_over`: the round has come to its end."""
    await writer.execute(
        "UPDATE project_retention SET claimed_until = NULL, "
        "passed_at = CASE WHEN $2 THEN clock_timestamp() ELSE passed_at END WHERE project_id = $1",
        project_id,
        is_over,
    )


async def wanted_rows_from(reader: Reader, project_id: UUID) -> datetime | None:
    """The month up to which rows are to go by the setting as it is; None: runs are kept for ever."""
    wanted: datetime | None = await reader.fetchval(
        "SELECT date_trunc('month', clock_timestamp() - make_interval(hours => 24 * keep_days), 'UTC') "
        "FROM project_retention WHERE project_id = $1",
        project_id,
    )
    return wanted


async def raise_rows_from(writer: Writer, project_id: UUID, rows_from: datetime) -> bool:
    """False: by the setting as it is now, rows from before are kept."""
    done = await writer.execute(
        "UPDATE project_retention SET rows_from = greatest(rows_from, $2) WHERE project_id = $1 "
        "AND $2 <= date_trunc('month', clock_timestamp() - make_interval(hours => 24 * keep_days), 'UTC')",
        project_id,
        rows_from,
    )
    return not done.endswith(" 0")


async def raise_closed_before(writer: Writer, project_id: UUID) -> None:
    """Before runs are removed: from then on nothing that ended so long ago is copied."""
    await writer.execute(
        "UPDATE project_retention SET closed_before = greatest(closed_before, "
        "clock_timestamp() - make_interval(hours => 24 * keep_days)) "
        "WHERE project_id = $1 AND keep_days IS NOT NULL AND rows_from IS NOT NULL",
        project_id,
    )


async def _ends(reader: Reader, project_id: UUID) -> tuple[datetime, datetime] | None:
    """Runs go that started before the first and ended before the second; None: none do, by the setting as it is."""
    row = await reader.fetchrow(
        "SELECT rows_from, least(closed_before, clock_timestamp() - make_interval(hours => 24 * keep_days)) "
        "FROM project_retention WHERE project_id = $1 AND keep_days IS NOT NULL AND rows_from IS NOT NULL",
        project_id,
    )
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class OldRun:
    """One that started before `rows_from`."""

    id: UUID
    run_id: str
    started_at: datetime
    goes: bool


async def next_old_runs(
    reader: Reader, project_id: UUID, after: tuple[datetime, UUID] | None, *, limit: int
) -> list[OldRun]:
    """Runs in the order of their starts, behind a start and an id, and which of them go; none when it was the last.

    Only those go whose month is kept by days, in the series of their workflow and of the project: what is not rolled up
    by days yet is left for the next round.
    """
    ends = await _ends(reader, project_id)
    if ends is None:
        return []
    month = "date_trunc('month', e.started_at, 'UTC')"
    is_split = (
        "EXISTS (SELECT FROM rollup_splits x "
        "WHERE x.project_id = $1 AND x.series = {0} AND x.grain = 3 AND x.bucket = {1})"
    )
    # So few at a time that what is asked of each costs little: looked for among all, those that go would be sorted anew
    # for each batch.
    rows = await reader.fetch(
        f"""
        SELECT e.id, e.temporal_run_id, e.started_at, ({IS_OVER.format("$3")}
            AND {is_split.format("e.workflow_id", month)} AND {is_split.format("e.project_id", month)}) IS TRUE AS goes
        FROM (
            SELECT * FROM workflow_executions e WHERE e.project_id = $1 AND e.started_at < $2
              AND (e.started_at, e.id) > (coalesce($4, timestamptz '-infinity'), $5::uuid)
            ORDER BY e.started_at, e.id LIMIT $6
        ) e ORDER BY e.started_at, e.id
        """,  # noqa: S608 - own words only
        project_id,
        *ends,
        *(after or (None, UUID(int=0))),
        limit,
    )
    return [OldRun(*row) for row in rows]


async def add_removed(writer: Writer, project_id: UUID, runs: int) -> None:
    await writer.execute(
        "UPDATE project_retention SET removed_runs = removed_runs + $2 WHERE project_id = $1", project_id, runs
    )


async def no_longer_kept(reader: Reader, connection: Connection, runs: Collection[Described]) -> set[str]:
    """The run ids of those that ended so long ago that the project has removed such runs.

    To be asked after their keys were inserted: whoever removes one of them at the same time has committed by then.
    """
    kept = await read_retention(reader, connection.project_id)
    rows_from, closed_before = micros(kept.rows_from), micros(kept.closed_before)
    if rows_from is None or closed_before is None:
        return set()
    closed_before += _DIFFERENT_CLOCKS // timedelta(microseconds=1)
    return {
        run.ref.run_id
        for run in runs
        if run.closed_at is not None and run.closed_at < closed_before and (run.started_at or 0) < rows_from
    }


async def still_removable(reader: Reader, project_id: UUID, ids: Iterable[UUID]) -> set[UUID]:
    """Of these runs, which are locked, those that are to go as they are now."""
    ends = await _ends(reader, project_id)
    if ends is None:
        return set()
    rows = await reader.fetch(
        "SELECT e.id FROM workflow_executions e WHERE e.project_id = $1 AND e.id = ANY ($4::uuid[]) "  # noqa: S608
        f"AND e.started_at < $2 AND {IS_OVER.format('$3')}",
        project_id,
        *ends,
        list(ids),
    )
    return {row["id"] for row in rows}
