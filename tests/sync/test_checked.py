"""The comparison of figures that comes round by itself: whose turn it is, what is kept of it, and that it mends."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from tests.databases import Database
from tests.statistics.made import Made, make

from watchglass.statistics.compare import find_drift
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.rebuild import rebuild
from watchglass.store.rollup_checks import claim_check, read_checks
from watchglass.store.scope import Store
from watchglass.sync import checked
from watchglass.sync.checked import check_due, mend


@pytest_asyncio.fixture(loop_scope="session")
async def made(store: Store) -> AsyncIterator[Made]:
    """The only project of which there are roll-ups."""
    async with store.write() as writer:
        for table in ("rollup_projects", "rollup_checks"):
            await writer.execute(f"DELETE FROM {table}")
    made = await make(store, random.Random(11))
    for _ in range(4):
        await made.change()
    await rebuild(store, made.project_id)
    yield made


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "_LONGEST_REST_SECONDS", 0.0)


async def kept(made: Made) -> dict[str, Any]:
    async with made.store.write() as reader:
        row = await reader.fetchrow("SELECT * FROM rollup_checks WHERE project_id = $1", made.project_id)
    assert row is not None
    return dict(row)


async def plant(made: Made) -> None:
    async with made.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET is_retried = NOT is_retried WHERE project_id = $1", made.project_id
        )


async def test_what_is_equal_is_kept_as_compared(made: Made) -> None:
    before = datetime.now(UTC)
    assert await check_due(made.store) == [made.project_id]
    row = await kept(made)
    assert before - timedelta(minutes=1) < row["checked_at"]
    assert row["compared_buckets"] == (await find_drift(made.store, made.project_id)).compared > 0
    assert (row["differing_buckets"], row["drifted_at"], row["rebuilt_at"], row["claimed_until"]) == (0,) + (None,) * 3


async def test_once_a_day_and_once_for_each_version(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    # Just after its roll-ups were made, nothing is due but for a version that has not compared yet.
    assert await check_due(made.store, is_new_due=False) == []
    assert await check_due(made.store) == [made.project_id]
    assert await check_due(made.store) == []
    monkeypatch.setattr(checked, "release", lambda: "the next one")
    assert await check_due(made.store, is_new_due=False) == []
    assert await check_due(made.store) == [made.project_id]
    assert (await kept(made))["release"] == "the next one"
    async with made.store.write() as writer:
        await writer.execute("UPDATE rollup_checks SET checked_at = checked_at - interval '25 hours'")
        assert (await read_checks(writer)).oldest_seconds >= 25 * 3600
    assert await check_due(made.store, is_new_due=False) == [made.project_id]
    assert await check_due(made.store, is_new_due=False) == []


async def test_what_differs_is_told_and_made_anew(made: Made) -> None:
    await plant(made)
    with capture_logs() as lines:
        assert await check_due(made.store) == [made.project_id]
    assert [line["event"] for line in lines] == ["figures_differed", "figures_rebuilt"]
    row = await kept(made)
    assert row["differing_buckets"] > 0
    assert row["checked_at"] <= row["drifted_at"] + timedelta(seconds=1)
    assert row["rebuilt_at"] > row["checked_at"]
    assert (await find_drift(made.store, made.project_id)).drift == ()
    async with made.store.write() as reader:
        assert (await read_checks(reader)).differing == row["differing_buckets"]
    # The next comparison finds nothing, and when something was found stays known.
    async with made.store.write() as writer:
        await writer.execute("UPDATE rollup_checks SET checked_at = checked_at - interval '25 hours'")
    assert await check_due(made.store) == [made.project_id]
    again = await kept(made)
    assert (again["differing_buckets"], again["drifted_at"], again["rebuilt_at"]) == (
        0,
        row["drifted_at"],
        row["rebuilt_at"],
    )


async def test_what_cannot_be_made_anew_now_is_later(made: Made) -> None:
    await plant(made)
    async with made.store.alone(TOTALS_LOCK, made.project_id) as writer:
        assert writer is not None
        # Comparing waits for nobody.
        assert await check_due(made.store) == [made.project_id]
        assert (await kept(made))["rebuilt_at"] is None
    await mend(made.store)
    assert (await find_drift(made.store, made.project_id)).drift == ()
    rebuilt_at = (await kept(made))["rebuilt_at"]
    assert rebuilt_at is not None
    await mend(made.store)
    assert (await kept(made))["rebuilt_at"] == rebuilt_at


async def test_one_worker_at_a_time(made: Made, database: Database) -> None:
    other = await database.open_store(size=2)
    both = await asyncio.gather(check_due(made.store), check_due(other))
    assert sorted(both, key=len) == [[], [made.project_id]]
    await other.close()


async def test_of_a_worker_that_died_another_takes_over(made: Made) -> None:
    async def claim() -> UUID | None:
        async with made.store.write() as writer:
            return await claim_check(writer, release="x", claim_seconds=600, every_seconds=600, is_new_due=True)

    assert await claim() == made.project_id
    assert await claim() is None
    assert await check_due(made.store) == []
    async with made.store.write() as writer:
        await writer.execute("UPDATE rollup_checks SET claimed_until = now() - interval '1 second'")
    assert await check_due(made.store) == [made.project_id]


async def test_who_is_cancelled_lets_go(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    reached = asyncio.Event()

    async def rest(seconds: float) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(checked.asyncio, "sleep", rest)
    work = asyncio.create_task(check_due(made.store))
    await reached.wait()
    monkeypatch.undo()
    assert (await kept(made))["claimed_until"] is not None
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    row = await kept(made)
    assert (row["claimed_until"], row["checked_at"]) == (None, None)
