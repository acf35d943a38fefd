"""Versions beyond those that roll-ups tell apart: SDKs that are not versioned name a new build with each change."""

import random
from dataclasses import replace
from typing import Any

import pytest
from tests.statistics.made import Made, make, splits_early
from tests.statistics.test_rollups import some_windows, told

from watchglass.statistics import read
from watchglass.statistics.columns import COMPONENTS, RUNS, Kept
from watchglass.statistics.fold import fold
from watchglass.statistics.question import Question, ask
from watchglass.statistics.read import count_lines, read_lines
from watchglass.statistics.rebuild import rebuild
from watchglass.statistics.slice import Slice
from watchglass.store.scope import Store

__all__ = ["splits_early"]
pytestmark = pytest.mark.usefixtures("few")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchglass.statistics.rollups.MOST_VARIANTS", 3)


async def stormed(store: Store) -> Made:
    made = await make(store, random.Random(17))
    await rebuild(store, made.project_id)
    for _ in range(15):
        await made.change()
        await fold(store, made.project_id)
    return made


@pytest.mark.parametrize("kept", [RUNS, COMPONENTS], ids=["runs", "components"])
async def test_figures_of_one_version_are_those_of_its_runs(store: Store, kept: Kept) -> None:
    made = await stormed(store)
    by = () if kept is RUNS else ("kind", "name")
    seen = 0
    async with store.write(isolation="repeatable_read") as reader:
        assert await reader.fetchval(
            f"SELECT EXISTS (SELECT FROM {kept.table} WHERE project_id = $1 AND variant < 0)", made.project_id
        )
        for window in some_windows(made):
            for version in ({"build_id": "a"}, {"build_id": "b"}, {"build_id": ""}, {"version": 1}):
                for workflow in (None, made.workflows[0]):
                    asked = Slice(made.project_id, workflow, *window, **version)
                    question = ask(kept, asked, by=by, windows=[window])
                    lines = await read_lines(reader, question)
                    assert told(lines) == await counted(reader, question, made)
                    seen += len(lines)
    assert seen > 20


async def counted(reader: read.Reader, question: Question, made: Made) -> list[Any]:
    if question.workflow_ids is None:
        question = replace(question, workflow_ids=made.workflows)
    return told(await count_lines(reader, question))


@pytest.mark.parametrize("most", [read.MOST_SPLIT, 0], ids=["few", "many"])
async def test_versions_are_told_apart_where_their_runs_are_few(
    store: Store, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MOST_SPLIT", most)
    made = await stormed(store)
    async with store.write(isolation="repeatable_read") as reader:
        question = ask(RUNS, Slice(made.project_id, made.workflows[0]), by=("deployment_name", "build_id"))
        lines = await read_lines(reader, question)
        rows = await counted(reader, question, made)
    assert {line.dimensions for line in lines} >= ({("", "a"), ("", "b"), ("", "")} if most else {(None, None)})
    if most:
        assert told(lines) == rows
    assert sum(line.sums["total_runs"] for line in lines) == sum(dict(sums)["total_runs"] for _, _, sums, *_ in rows)
