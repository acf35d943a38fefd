"""Keep the figures equal to the rows, in the transaction that changes the rows, without waiting for other ones.

What a transaction changes is noted beside the roll-ups (`run_changes`, `component_changes`): rows of its own, which
nobody waits for. `statistics.fold` adds them to the roll-ups later, and whoever reads figures adds both.

    rows ──contributions──▶ changes ──fold──▶ roll-ups
                │
                └──▶ workflow_statistics, project_statistics, unless somebody else is at them: then fold does it
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import COMPONENTS, RUNS, Kept, type_of
from watchglass.statistics.contribution import (
    NOTHING,
    Change,
    Contribution,
    Contributions,
    changes,
    contributions,
    of_projects,
)
from watchglass.statistics.definitions import RUN_FIGURES
from watchglass.store.bulk import Columns, array_text, run_rows
from watchglass.store.scope import Writer
from watchglass.store.totals import NOTED_TOTALS

Rows = Mapping[tuple[UUID, ...], Sequence[Any]]
"""Figures by key."""
_LEFT_BY_OTHERS = 100
"""Notes of others that a sync adds to the totals with its own; the rest is left to folding."""
TOTALS_LOCK = 7_402_611
"""Advisory lock, with a hash of the project: whoever changes its totals or folds its changes holds it."""


@asynccontextmanager
async def totals_kept(
    writer: Writer, executions: Sequence[tuple[UUID, UUID]]
) -> AsyncIterator[list[tuple[UUID, UUID]]]:
    """Change the rows of these executions (project, id) inside the block; the figures follow when it ends.

    The executions must be locked. Yields a list for those that the block inserts. What all of them add is computed
    from their rows before and after, by the same queries as a recomputation, and only the difference is written.
    """
    inserted: list[tuple[UUID, UUID]] = []
    before = await contributions(writer, executions) if executions else NOTHING
    yield inserted
    if executions or inserted:
        after = await contributions(writer, [*executions, *inserted])
        await _note(writer, after, before)


async def _note(writer: Writer, after: Contributions, before: Contributions) -> None:
    components = list(_changes(COMPONENTS, after.components, before.components))
    if components:
        await run_rows(writer, *_insert(COMPONENTS), [_row(change) for change in components])
    runs = list(_changes(RUNS, after.runs, before.runs))
    if runs:
        # Last in the transaction, because others cannot change the totals until it ends.
        totalled = await _add_to_totals(writer, runs)
        await run_rows(writer, *_insert(RUNS), [(*_row(c), c.key[0] in totalled) for c in runs])


def _changes(kept: Kept, after: Contribution, before: Contribution) -> Iterable[Change]:
    yield from changes(after, before)
    yield from changes(of_projects(kept, after), of_projects(kept, before))


def _insert(kept: Kept) -> tuple[str, Columns]:
    columns = Columns(
        (
            ("project_id", "uuid"),
            ("series", "uuid"),
            ("bucket", "timestamptz"),
            *((name, kind) for name, kind, _ in kept.dimensions),
            *((name, type_of(name)) for name in (*kept.sums, *kept.extremes)),
            ("bins", "smallint[]"),
            ("bin_counts", "bigint[]"),
            ("is_correction", "boolean"),
            *((("is_totalled", "boolean"),) if kept is RUNS else ()),
        )
    )
    return f"INSERT INTO {kept.changes} ({', '.join(columns.names)}) {columns.values()}", columns


def _row(change: Change) -> tuple[Any, ...]:
    codes = sorted(change.figures.histogram)
    counts = [change.figures.histogram[code] for code in codes]
    histogram = array_text(codes), array_text(counts)
    return *change.key, *change.figures.sums, *change.figures.extremes, *histogram, change.is_correction


async def _add_to_totals(writer: Writer, runs: Sequence[Change]) -> Collection[UUID]:
    """Add to the totals of those projects that nobody else is at, and say which these are."""
    projects = sorted({change.key[0] for change in runs}, key=str)
    free = {
        row["project_id"]
        for row in await writer.fetch(
            "SELECT project_id FROM unnest($1::uuid[]) AS p(project_id) "
            "WHERE pg_try_advisory_xact_lock($2, hashtext(project_id::text))",
            projects,
            TOTALS_LOCK,
        )
    }
    totals = await take_untotalled(writer, free, most=_LEFT_BY_OTHERS)
    for change in runs:
        project_id, series = change.key[:2]
        if project_id in free:
            figures = totals.setdefault((project_id, series), [0] * len(RUN_FIGURES))
            for i, figure in enumerate(total_figures(change)):
                figures[i] += figure
    await add_totals(writer, totals)
    return free


_PLACES = {name: i for i, name in enumerate(RUNS.sums)}
_TOP_LEVEL = 3 + RUNS.names.index("is_top_level")


def total_figures(change: Change) -> Iterable[Any]:
    """In the order of RUN_FIGURES."""
    for name in RUN_FIGURES:
        if name == "top_level_runs":
            yield change.figures.sums[_PLACES["total_runs"]] if change.key[_TOP_LEVEL] else 0
        else:
            yield change.figures.sums[_PLACES[name]]


async def take_untotalled(
    writer: Writer, projects: Collection[UUID], *, most: int
) -> dict[tuple[UUID, UUID], list[Any]]:
    """By (project, series), what was left as somebody was at the totals. The caller holds the lock, and adds it."""
    rows = await writer.fetch(
        f"""
        WITH untotalled AS (
            UPDATE run_changes SET is_totalled = true WHERE (project_id, id) IN (
                SELECT project_id, id FROM run_changes WHERE project_id = ANY ($1::uuid[]) AND NOT is_totalled LIMIT $2
            ) RETURNING project_id, series, {NOTED_TOTALS}
        ) SELECT project_id, series, {", ".join(f"sum({name})" for name in RUN_FIGURES)} FROM untotalled GROUP BY 1, 2
        """,  # noqa: S608 - own words only
        list(projects),
        most,
    )
    return {(row[0], row[1]): list(row)[2:] for row in rows}


async def add_totals(writer: Writer, totals: Mapping[tuple[UUID, UUID], Sequence[Any]]) -> None:
    """Add to the totals of (project, series), in the order of RUN_FIGURES. The caller holds `TOTALS_LOCK`."""
    of_project: Rows = {(project,): figures for (project, series), figures in totals.items() if project == series}
    of_workflow: Rows = {key: figures for key, figures in totals.items() if key[0] != key[1]}
    await _add(writer, "workflow_statistics", ("project_id", "workflow_id"), of_workflow)
    await _add(writer, "project_statistics", ("project_id",), of_project)


async def _add(writer: Writer, table: str, key: tuple[str, ...], rows: Rows) -> None:
    changed = {k: figures for k, figures in rows.items() if any(figures)}
    if not changed:
        return
    columns = Columns((*((name, "uuid") for name in key), *((name, type_of(name)) for name in RUN_FIGURES)))
    sums = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in RUN_FIGURES)
    statement = (
        f"INSERT INTO {table} AS t ({', '.join(columns.names)}) {columns.values()} "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sums}"
    )
    await run_rows(writer, statement, columns, [(*k, *figures) for k, figures in changed.items()])
