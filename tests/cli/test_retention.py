"""`watchglass retention`, as it is typed."""

import random

import pytest
from tests.cli.test_stats import typed
from tests.databases import Database
from tests.statistics.made import make

from watchglass.cli.main import run
from watchglass.statistics.rebuild import rebuild
from watchglass.store.retention import read_retention
from watchglass.store.scope import Store


def test_it_is_for_some_days_or_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["retention", "--project", "Shop", "--for-ever", "--keep-days", "3"]) == 2
    assert capsys.readouterr().err == "watchglass: Give either --keep-days or --for-ever.\n"
    assert run(["retention", "--project", "Shop", "--keep-days", "0"]) == 2


async def test_it_says_what_goes_and_asks(database: Database, store: Store) -> None:
    made = await make(store, random.Random(4))
    for _ in range(6):
        await made.change()
    await rebuild(store, made.project_id)
    project = ("--project", str(made.project_id))
    # Nobody is there to answer.
    code, said, _ = await typed(database, *project, "--keep-days", "30", command="retention")
    assert code == 1 and "will be removed for good. Their figures stay." in said
    async with store.write() as reader:
        assert (await read_retention(reader, made.project_id)).keep_days is None
    code, said, _ = await typed(database, *project, "--keep-days", "30", "--yes", command="retention")
    assert code == 0 and "Runs are kept for 30 days after they ended." in said and "The next month" in said
    async with store.write() as reader:
        lines = await reader.fetchval(
            "SELECT count(*) FROM audit_log WHERE project_id = $1 AND action = 'retention.change'", made.project_id
        )
    assert lines == 1
