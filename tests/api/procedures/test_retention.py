"""How long a project keeps its runs, through the API: who may say it, what is told first, and what figures say."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from tests.api.conftest import Installation
from tests.api.seeded import RECORDED, Caller, client_for, make_tenant, open_parts

from watchglass.statistics.rebuild import rebuild
from watchglass.store.scope import Store
from watchglass.sync.retained import remove_due

LONG_AGO = timedelta(days=100)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installation(store: Store) -> AsyncIterator[Installation]:
    """Runs that ended long ago, of a project whose figures are rolled up."""
    parts = open_parts(store)
    ours = await make_tenant(store, parts, "keeping", RECORDED[::40])
    theirs = await make_tenant(store, parts, "others", RECORDED[1::80])
    async with store.write() as writer:
        await writer.execute("DELETE FROM project_retention")
        await writer.execute(
            "UPDATE workflow_executions "
            "SET started_at = started_at - $2::interval, closed_at = closed_at - $2::interval "
            "WHERE project_id = $1",
            ours.project_id,
            LONG_AGO,
        )
    assert await rebuild(store, ours.project_id)
    async with client_for(store, parts) as client:
        yield Installation(ours, theirs, Caller(client, ours.token), Caller(client, theirs.token), Caller(client, None))


async def kept(installation: Installation) -> dict[str, Any]:
    answer = await installation.me.data("retention.get", {"projectId": str(installation.ours.project_id)})
    return dict(answer)


async def test_what_goes_is_told_and_confirmed_and_figures_stay(installation: Installation, store: Store) -> None:
    project = {"projectId": str(installation.ours.project_id)}
    assert await kept(installation) == {"keepDays": None, "rowsFrom": None, "removedRuns": 0, "mayChange": True}
    (workflow, *_) = (await installation.me.data("workflow.list", project))["items"]
    of_workflow = {"workflowId": workflow["id"]}
    before = await installation.me.data("execution.getProjectStatistics", project)
    assert before["kept"] is None
    errors = [await groups(installation, about) for about in (of_workflow, project)]
    assert sum(group["count"] for group in errors[1]) == before["totalErrors"] > 0
    told = await installation.me.data("retention.preview", {**project, "keepDays": 1})
    assert told["runs"] > 0 and told["runsAreExact"]
    refused = await installation.me.mutate("retention.save", {**project, "keepDays": 1})
    assert refused.status_code == 409
    assert f"{told['runs']:,} run" in refused.json()["error"]["message"] and "Their figures stay." in refused.text
    assert (await kept(installation))["keepDays"] is None
    saved = await installation.me.mutate("retention.save", {**project, "keepDays": 1, "confirmed": True})
    assert saved.json()["result"]["data"]["keepDays"] == 1
    line = (await installation.me.data("audit.list", project))["items"][0]
    assert (line["action"], line["details"]["keepDays"], line["details"]["runsToRemove"]) == (
        "retention.change",
        1,
        told["runs"],
    )
    listed = await installation.me.data("execution.getExecutionHistory", of_workflow)
    assert listed["runsRemovedBefore"] is None
    removed = await remove_due(store)
    assert removed[installation.ours.project_id] == told["runs"]
    after = await installation.me.data("execution.getProjectStatistics", project)
    unchanged = (
        "totalExecutions",
        "successRate",
        "avgDurationMs",
        "totalErrors",
        "mostUsedComponent",
        "activeWorkflows",
    )
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert after["kept"] == {"rowsFrom": told["rowsFrom"], "isMoved": False, "from": None, "to": None}
    for procedure in ("execution.getWorkflowStatistics", "statistics.timeline"):
        answer = await installation.me.data(procedure, {**of_workflow, "from": "2020-01-01T10:30:00Z"})
        assert answer["kept"]["from"] == "2020-01-01T00:00:00Z" and answer["kept"]["isMoved"]
    timeline = await installation.me.data("statistics.timeline", project)
    assert sum(bucket["totalRuns"] for bucket in timeline["buckets"]) == before["totalExecutions"]
    for procedure in ("components", "distribution", "versions"):
        await installation.me.data(f"statistics.{procedure}", of_workflow)
    for about in (project, of_workflow):
        assert await groups(installation, about) == errors[about is project]
    for procedure in ("workflows", "taskQueues"):
        await installation.me.data(f"statistics.{procedure}", project)
    listed = await installation.me.data("execution.getExecutionHistory", of_workflow)
    assert listed["runsRemovedBefore"] == told["rowsFrom"] and listed["total"] == len(listed["items"])
    now = await kept(installation)
    assert (now["removedRuns"], now["rowsFrom"]) == (told["runs"], told["rowsFrom"])


async def groups(installation: Installation, about: dict[str, str]) -> list[dict[str, Any]]:
    """What is told of errors whether or not their runs are kept."""
    found = (await installation.me.data("statistics.errors", about))["groups"]
    for group in found:
        if group["sampleExecutionId"] is None and group["errorGroup"]:
            assert group["message"] == "What it said went with its runs, which are no longer kept."
        for name in ("sampleExecutionId", "message"):
            del group[name]
    return found


@pytest.mark.parametrize("days", [0, -1, 36_501, 1.5, "30"])
async def test_days_that_make_no_sense_are_refused(installation: Installation, days: Any) -> None:
    given = {"projectId": str(installation.ours.project_id), "keepDays": days}
    assert (await installation.me.mutate("retention.save", given)).status_code == 400
