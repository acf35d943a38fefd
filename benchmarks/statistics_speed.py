"""*List* and *statistics*: asked as a person, under Row Level Security, of the largest and of the smallest tenant."""

import random
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.api.seeded import Caller, client_for, open_parts

from benchmarks.figure import Figure
from benchmarks.generate.database import filled_database
from benchmarks.generate.fill import sign_in
from benchmarks.place import Place
from benchmarks.process import percentile
from watchglass.api.pace import Pace
from watchglass.store.scope import Store

_CALLS = 20
_WARM_UP = 3
_LIST_MS = 20.0
_STATISTICS_MS = 30.0
_DEEP_PAGES = 40
_OF_EITHER = ("timeline", "components", "distribution", "errors")
_OF_PROJECT = ("workflows", "taskQueues")


@dataclass(frozen=True, slots=True)
class _Whose:
    word: str
    caller: Caller
    project: str
    workflow: str
    note: str


async def measure_lists(place: Place, scale: float) -> list[Figure]:
    """The first page and one that is far behind it, in each order that the page offers."""
    figures = []
    async for whose in _tenants(place, scale):
        for word, order in _ORDERS.items():
            asked: dict[str, Any] = {"workflowId": whose.workflow, "limit": 50, **order}
            figures.append(await _figure("list", whose, f"first page, {word}", _HISTORY, [asked], _LIST_MS))
            deep = await _deep(whose.caller, asked)
            if deep is not None:
                page = f"page {_DEEP_PAGES}, {word}"
                figures.append(await _figure("list", whose, page, _HISTORY, [deep], _LIST_MS))
    return figures


_HISTORY = "execution.getExecutionHistory"
_ORDERS: Mapping[str, Mapping[str, Any]] = {
    "newest first": {},
    "longest first": {"sort": "durationMs"},
    "errors": {"status": ["failed", "timed_out", "terminated"]},
}


async def _deep(caller: Caller, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What asks for a page that is far from the first; None where there are not so many."""
    deep = asked
    for _ in range(_DEEP_PAGES):
        cursor = (await caller.data(_HISTORY, deep))["nextCursor"]
        if cursor is None:
            return None
        deep = {**asked, "cursor": cursor, "direction": "forward"}
    return deep


async def measure_statistics(place: Place, scale: float) -> list[Figure]:
    """Of each figure the window that took longest."""
    figures, most = [], _STATISTICS_MS
    chance = random.Random(3)
    async for whose in _tenants(place, scale):
        windows = {word: [_window(word, chance) for _ in range(_CALLS)] for word in _WINDOWS}
        for procedure, subject in _procedures(whose.workflow, whose.project):
            what = f"{procedure.partition('.')[2]} of a {'workflow' if 'workflowId' in subject else 'project'}"
            of_windows = [
                await _figure(
                    "statistics", whose, f"{what}, {word}{told}", procedure, [w | subject | level for w in asked], most
                )
                for word, asked in windows.items()
                for told, level in _LEVELS.items()
            ]
            figures.append(max(of_windows, key=lambda figure: figure.value))
    return figures


def _procedures(workflow: str, project: str) -> list[tuple[str, dict[str, str]]]:
    of_workflow, of_project = {"workflowId": workflow}, {"projectId": project}
    return [
        ("execution.getWorkflowStatistics", of_workflow),
        ("execution.getProjectStatistics", of_project),
        *((f"statistics.{name}", subject) for name in _OF_EITHER for subject in (of_workflow, of_project)),
        *((f"statistics.{name}", of_project) for name in _OF_PROJECT),
    ]


_WINDOWS = {
    "all": None,
    "a year": timedelta(days=365),
    "half a year, to the microsecond": timedelta(days=182.5),
    "7 days, to the microsecond": timedelta(days=7),
    "an hour": timedelta(hours=1),
}


_LEVELS: Mapping[str, dict[str, Any]] = {"": {}, ", without sub-workflows": {"topLevel": True}}
"""The page asks without them, unless it is told otherwise."""


def _window(word: str, chance: random.Random) -> dict[str, str]:
    """A different one at each call, so that no cache answers. The last hours are the densest."""
    width = _WINDOWS[word]
    if width is None:
        return {}
    end = datetime.now(UTC) - timedelta(microseconds=chance.randrange(3_600_000_000 * 5))
    if "microsecond" not in word:
        end = end.replace(second=0, microsecond=0)
    return {"from": _said(end - width), "to": _said(end)}


def _said(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def _figure(
    bar: str, whose: _Whose, what: str, procedure: str, asked: list[dict[str, Any]], most: float
) -> Figure:
    times = []
    for number in range(_WARM_UP + _CALLS):
        input = asked[number % len(asked)]
        began = time.perf_counter()
        answer = await whose.caller.query(procedure, input)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{procedure} {input}: {answer.text}")
        if number >= _WARM_UP:
            times.append(took)
    note = f"{whose.note}; median {statistics.median(times):.1f} ms"
    return Figure(bar, f"{whose.word}: {what}, p95", percentile(times, 0.95), "ms", most=most, note=note)


async def every_question(store: Store, project: UUID) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """All that is asked here, of the largest workflow of the project."""
    async with store.write() as reader:
        workflow = await reader.fetchval(
            "SELECT workflow_id FROM workflow_statistics WHERE project_id = $1 ORDER BY total_runs DESC LIMIT 1",
            project,
        )
    chance = random.Random(4)
    for order in _ORDERS.values():
        yield _HISTORY, {"workflowId": str(workflow), **order}
    for word in _WINDOWS:
        for procedure, subject in _procedures(str(workflow), str(project)):
            for level in _LEVELS.values():
                yield procedure, {**subject, **level, **_window(word, chance)}


async def _tenants(place: Place, scale: float) -> AsyncIterator[_Whose]:
    installation, filled = await filled_database(place, scale)
    async with installation.open_store() as store:
        parts = open_parts(store)
        async with client_for(store, parts, pace=Pace({})) as client:
            for word, number in (("largest", 0), ("smallest", len(filled.projects) - 1)):
                project = filled.projects[number]
                async with store.write() as reader:
                    row = await reader.fetchrow(
                        "SELECT workflow_id, total_runs, (SELECT total_runs FROM project_statistics "
                        "WHERE project_id = $1) AS of_project FROM workflow_statistics WHERE project_id = $1 "
                        f"ORDER BY total_runs {'DESC' if word == 'largest' else 'ASC'} LIMIT 1",
                        project,
                    )
                assert row is not None
                yield _Whose(
                    word,
                    Caller(client, await sign_in(store, number)),
                    str(project),
                    str(row["workflow_id"]),
                    f"{row['total_runs']:,} of {filled.executions:,} runs, its project {row['of_project']:,}",
                )
