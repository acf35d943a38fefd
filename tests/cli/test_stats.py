"""`watchglass stats check` and `stats rebuild`, as they are typed."""

import asyncio
import os
import random
import sys
from uuid import UUID

import pytest
from tests.databases import Database
from tests.statistics.made import Made, make

from watchglass.cli import stats
from watchglass.config import Settings
from watchglass.errors import Conflict
from watchglass.statistics.keep import TOTALS_LOCK
from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store


async def typed(database: Database, *words: str, command: str = "stats") -> tuple[int, str, str]:
    """Its exit code, what it says, and what it complains of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "watchglass",
        command,
        *words,
        env={
            **os.environ,
            "WATCHGLASS_DATABASE_URL": database.login_url,
            "WATCHGLASS_SYNC_DATABASE_URL": database.sync_url,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), complained.decode()


async def some_runs(store: Store, seed: int) -> Made:
    made = await make(store, random.Random(seed))
    await rebuild(store, made.project_id)
    for _ in range(4):
        await made.change()
    return made


async def plant(store: Store, project_id: UUID) -> None:
    async with store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET is_retried = NOT is_retried WHERE project_id = $1", project_id
        )


async def test_equal_then_different_then_mended(database: Database, store: Store) -> None:
    made, other = await some_runs(store, 1), await some_runs(store, 2)
    code, said, complained = await typed(database, "check")
    assert (code, complained) == (0, "")
    assert "The stored figures are what the runs add up to." in said and "projects." in said

    await plant(store, made.project_id)
    code, said, complained = await typed(database, "check")
    assert code == 1
    assert "figures are not what their runs add up to. First: the " in said
    assert complained == (
        "watchglass: Stored figures differ from the runs. `watchglass stats rebuild` makes them anew.\n"
    )
    # The other project's are as they were.
    assert (await typed(database, "check", "--project", str(other.project_id)))[0] == 0
    assert (await typed(database, "check", "--project", str(made.project_id)))[0] == 1

    code, said, complained = await typed(database, "rebuild", "--project", str(made.project_id))
    assert (code, complained) == (0, "")
    assert f"figures of {len(made.runs):,} runs in " in said
    assert (await typed(database, "check"))[0] == 0


async def test_a_project_that_there_is_not(database: Database, store: Store) -> None:
    for command in ("check", "rebuild"):
        code, said, complained = await typed(database, command, "--project", "nobody's")
        assert (code, said) != (0, "")
        assert "nobody's" in complained and "Traceback" not in complained


async def test_somebody_else_at_it(database: Database, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await some_runs(store, 3)
    monkeypatch.setenv("WATCHGLASS_DATABASE_URL", database.login_url)
    monkeypatch.setenv("WATCHGLASS_SYNC_DATABASE_URL", database.sync_url)
    monkeypatch.setattr(stats, "_TURN_SECONDS", 0.3)
    async with store.alone(TOTALS_LOCK, made.project_id) as writer:
        assert writer is not None
        with pytest.raises(Conflict, match="Wait until it is done"):
            await stats._rebuild(Settings.read(), str(made.project_id))
        # To compare, nobody's end is waited for.
        await stats._check(Settings.read(), str(made.project_id))
    await stats._rebuild(Settings.read(), str(made.project_id))
