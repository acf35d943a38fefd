"""Runs that a project does not keep go; their figures stay as they were, whatever comes later."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from tests.statistics.made import Made, make
from tests.store.rls.seed import described

from watchglass.model.described import Described
from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.statistics.compare import find_drift
from watchglass.statistics.error_groups import read_error_groups
from watchglass.statistics.fold import fold
from watchglass.statistics.freeze import is_noted
from watchglass.statistics.grains import Grain, bucket_of, next_bucket
from watchglass.statistics.line import Line
from watchglass.statistics.question import BEGINNING, END, Question, ask
from watchglass.statistics.read import read_lines
from watchglass.statistics.rebuild import rebuild
from watchglass.statistics.removed import answerable
from watchglass.statistics.slice import Slice
from watchglass.store.execution_list import ListQuery, count_list
from watchglass.store.listed_runs import insert_listed
from watchglass.store.moments import micros
from watchglass.store.retention import claim_removal, lock_retention, read_removal, read_retention, save_keep_days
from watchglass.store.scope import Store
from watchglass.store.totals import TOTAL_COLUMNS
from watchglass.sync import retained
from watchglass.sync.retained import remove_due

MONTHS_AGO = 3


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("split", "rebuild"):
        monkeypatch.setattr(f"watchglass.statistics.{module}.SPLIT_RUNS", 6)
    monkeypatch.setattr(retained, "BATCH_RUNS", 7)
    monkeypatch.setattr(retained, "_REST", 0)


def month_ago(months: int) -> datetime:
    at = bucket_of(Grain.MONTH, datetime.now(UTC))
    for _ in range(months):
        at = bucket_of(Grain.MONTH, at - timedelta(days=1))
    return at


@pytest_asyncio.fixture(loop_scope="session")
async def made(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Made]:
    """Runs around the beginning of a month, and some in the month after; no other project keeps runs for days."""
    monkeypatch.setattr("tests.statistics.made.BEGIN", month_ago(MONTHS_AGO) - timedelta(hours=26))
    async with store.write() as writer:
        await writer.execute("DELETE FROM project_retention")
    yield await make(store, random.Random(29))


def months_kept() -> datetime:
    """Runs that started from here on stay."""
    return next_bucket(Grain.MONTH, month_ago(MONTHS_AGO))


async def keep(made: Made, days: int | None) -> None:
    async with made.store.write() as writer:
        await lock_retention(writer, made.project_id)
        await save_keep_days(writer, made.project_id, days)


def some_days() -> int:
    """So many that the two older months go, and the third stays."""
    return (datetime.now(UTC) - months_kept()).days - 2


def whole_days(made: Made) -> list[tuple[datetime, datetime]]:
    """Windows whose ends are those of days where rows are to go, and any moments behind."""
    windows = [(BEGINNING, END), (BEGINNING, months_kept()), (months_kept(), END)]
    for _ in range(10):
        ends = sorted(made.moment() for _ in range(2))
        start, end = (end if end >= months_kept() else bucket_of(Grain.DAY, end) for end in ends)
        windows.append((start, end))
    return windows


async def figures(made: Made, windows: Sequence[tuple[datetime, datetime]]) -> list[Any]:
    found: list[Any] = []
    for kept, by in ((RUNS, ()), (RUNS, RUNS.names), (COMPONENTS, ("kind", "name"))):
        for workflow_ids in (None, made.workflows):
            names = tuple(n for n in by if workflow_ids or n in {"kind", "name", "task_queue", "is_top_level"})
            dimensions = ("series", *names) if workflow_ids else names
            measured = tuple(measure.name for measure in kept.measures)
            question = Question(kept, made.project_id, workflow_ids, windows, dimensions, measured=measured)
            async with made.store.write(isolation="repeatable_read") as reader:
                found.append(sorted(map(told, await read_lines(reader, question)), key=str))
    async with made.store.write(isolation="repeatable_read") as reader:
        totals = ", ".join(TOTAL_COLUMNS)
        for table in ("workflow_statistics", "project_statistics"):
            query = f"SELECT {totals} FROM {table} WHERE project_id = $1 ORDER BY 1, 2, 3, 4, 5, 6"
            found.append([tuple(row) for row in await reader.fetch(query, made.project_id)])
    return found


async def error_groups(made: Made, windows: Sequence[tuple[datetime, datetime]]) -> list[Any]:
    """What each group of errors counts, and when it was seen, of a project, of a workflow and of one version."""
    slices = [
        Slice(made.project_id, workflow, start, end, top_level=top_level, build_id=build)
        for start, end in windows
        for workflow, build in ((None, None), (made.workflows[0], None), (made.workflows[0], ""))
        for top_level in (False, True)
    ]
    found = []
    async with made.store.write(isolation="repeatable_read") as reader:
        for each in slices:
            groups = await read_error_groups(reader, each)
            names = ("error_group", "count", "first_seen_at", "last_seen_at", "error_type")
            found.append([tuple(row[name] for name in names) for row in groups.rows])
            question = ask(RUNS, each, windows=[(each.start or BEGINNING, each.end or END)], figures=("error_runs",))
            errors = sum(line.sums["error_runs"] for line in await read_lines(reader, question))
            assert groups.other_count + sum(row["count"] for row in groups.rows) == errors
    return found


def told(line: Line) -> tuple[Any, ...]:
    histogram = tuple(sorted(line.histogram))
    return line.window, line.dimensions, tuple(line.sums.items()), tuple(line.extremes.items()), histogram


async def rows(made: Made, where: str) -> int:
    async with made.store.write() as reader:
        return int(
            await reader.fetchval(
                f"SELECT count(*) FROM workflow_executions e WHERE project_id = $1 AND {where}", made.project_id
            )
        )


@pytest.mark.parametrize("seed", range(2))
async def test_figures_before_are_the_figures_after(made: Made, seed: int) -> None:
    made.chance.seed(seed)
    if seed:
        await rebuild(made.store, made.project_id)
    for _ in range(25):
        await made.change()
        if made.chance.random() < 0.3:
            await fold(made.store, made.project_id)
    await rebuild(made.store, made.project_id)
    windows = whole_days(made)
    before, errors = await figures(made, windows), await error_groups(made, windows)
    is_due = f"started_at < '{months_kept()}' AND closed_at < now() - interval '{some_days()} days'"
    due, others = await rows(made, is_due), await rows(made, f"NOT coalesce({is_due}, false)")
    assert due > 20 and others > 20
    await keep(made, some_days())
    async with made.store.write() as reader:
        said = await read_removal(reader, made.project_id, some_days())
    assert (said.runs, said.is_exact, said.rows_from) == (due, True, months_kept())
    assert await remove_due(made.store) == {made.project_id: due}
    assert (await rows(made, is_due), await rows(made, "true")) == (0, others)
    assert await figures(made, windows) == before
    assert await error_groups(made, windows) == errors and any(errors)
    async with made.store.write() as reader:
        kept = await read_retention(reader, made.project_id)
        fine = await reader.fetchval(
            "SELECT count(*) FROM run_rollups WHERE project_id = $1 AND grain < 2 AND bucket < $2",
            made.project_id,
            months_kept(),
        )
    assert (kept.removed_runs, kept.rows_from, fine) == (due, months_kept(), 0)
    # Neither a rebuild nor a comparison touches what has no rows any more.
    assert (await find_drift(made.store, made.project_id)).drift == ()
    assert await rebuild(made.store, made.project_id)
    assert await figures(made, windows) == before
    assert (await find_drift(made.store, made.project_id)).drift == ()
    assert await remove_due(made.store) == {}


async def stormed(made: Made) -> None:
    for _ in range(20):
        await made.change()
    await rebuild(made.store, made.project_id)


async def test_what_comes_later_is_added_to_what_was_removed(made: Made) -> None:
    """Runs that are still open in a month whose rows went, and old ones that are seen for the first time."""
    await stormed(made)
    await keep(made, some_days())
    await remove_due(made.store)
    made.runs = [
        run
        for run in made.runs
        if await rows(made, f"id = '{run}'")  # Those that are left.
    ]
    before = (await figures(made, [(BEGINNING, END)]))[0][0][2]
    there = await rows(made, "true")
    for _ in range(15):
        await made.change()
        await fold(made.store, made.project_id)
    after = (await figures(made, [(BEGINNING, END)]))[0][0][2]
    assert dict(after)["total_runs"] - dict(before)["total_runs"] == await rows(made, "true") - there
    windows = whole_days(made)
    counted, errors = await figures(made, windows), await error_groups(made, windows)
    async with made.store.write() as writer:
        await writer.execute("UPDATE project_retention SET passed_at = NULL")
    assert (await remove_due(made.store))[made.project_id] > 0
    assert await figures(made, windows) == counted
    assert await error_groups(made, windows) == errors
    assert (await find_drift(made.store, made.project_id)).drift == ()
    async with made.store.write() as reader:
        assert not await is_noted(reader, made.project_id, END)


async def test_what_went_is_not_copied_again_even_when_runs_are_kept_longer(made: Made) -> None:
    await stormed(made)
    async with made.store.write() as reader:
        old = await reader.fetchrow(
            "SELECT * FROM workflow_executions WHERE project_id = $1 AND started_at < $2 AND closed_at < $2 LIMIT 1",
            made.project_id,
            months_kept(),
        )
    assert old is not None
    await keep(made, some_days())
    await remove_due(made.store)
    await keep(made, None)
    gone = listed(old["temporal_run_id"], old["started_at"], old["closed_at"], status=2)
    still_open = listed("open", old["started_at"], None, status=1)
    lately = listed("lately", old["started_at"], datetime.now(UTC), status=2)
    async with made.store.write() as writer:
        inserted = await insert_listed(writer, made.connection, [gone, still_open, lately])
        assert len(inserted) == 2
        known = await writer.fetchval(
            "SELECT count(*) FROM execution_keys WHERE connection_id = $1 AND temporal_run_id = $2",
            made.connection.id,
            old["temporal_run_id"],
        )
    assert known == 0


def listed(run_id: str, started_at: datetime, closed_at: datetime | None, *, status: int) -> Described:
    return replace(described(run_id), status=status, started_at=micros(started_at), closed_at=micros(closed_at))


async def test_nothing_goes_while_runs_are_kept_for_ever(made: Made) -> None:
    await stormed(made)
    there = await rows(made, "true")
    await keep(made, None)
    assert await remove_due(made.store) == {}
    assert await rows(made, "true") == there


async def test_one_worker_at_a_time_and_the_claim_of_a_dead_one_ends(made: Made) -> None:
    await stormed(made)
    await keep(made, some_days())
    async with made.store.write() as writer:
        assert await claim_removal(writer, claim_seconds=600, every_seconds=0) == made.project_id
    assert await remove_due(made.store) == {}
    async with made.store.write() as writer:
        await writer.execute("UPDATE project_retention SET claimed_until = now() - interval '1 second'")
    assert (await remove_due(made.store))[made.project_id] > 0


async def test_windows_are_those_of_whole_days_where_rows_went_and_lists_count_rows(made: Made) -> None:
    await stormed(made)
    asked = Slice(
        made.project_id,
        start=month_ago(MONTHS_AGO) - timedelta(hours=13),
        end=month_ago(MONTHS_AGO) + timedelta(hours=1),
    )
    async with made.store.write() as reader:
        assert (await answerable(reader, asked)).window == asked
    await keep(made, some_days())
    await remove_due(made.store)
    query = ListQuery(made.project_id, made.workflows[0], limit=10)
    async with made.store.write() as reader:
        told = await answerable(reader, asked)
        listed = await count_list(reader, query)
    assert (told.rows_from, told.is_moved) == (months_kept(), True)
    assert told.window.start == month_ago(MONTHS_AGO) - timedelta(days=1)
    assert told.window.end == month_ago(MONTHS_AGO) + timedelta(days=1)
    assert (listed.count, listed.is_exact) == (await rows(made, f"workflow_id = '{made.workflows[0]}'"), True)
