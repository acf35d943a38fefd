"""The runs of all workflows of a project, on real histories: what each workflow's own list has, in one."""

from typing import Any

import pytest
from tests.api.conftest import Installation
from tests.api.test_error_groups import HISTORY, Run, whole_list, workflows

PROJECT = "execution.getProjectHistory"


async def both(installation: Installation, more: dict[str, Any]) -> tuple[list[Run], list[Run]]:
    """The project's list, and those of its workflows one behind the other."""
    of_project = {"projectId": str(installation.ours.project_id), **more}
    lists = [
        await whole_list(installation.me, {"workflowId": one, **more}, HISTORY) for one in await workflows(installation)
    ]
    return await whole_list(installation.me, of_project, PROJECT), [run for runs in lists for run in runs]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"topLevel": True},
        {"status": ["completed", "failed"]},
        {"status": ["pending", "running", "paused"]},
        {"errors": True},
        {"minDurationMs": 10, "maxDurationMs": 5_000},
        {"to": "2000-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_it_has_the_runs_of_every_workflow(installation: Installation, more: dict[str, Any]) -> None:
    found, each = await both(installation, more)
    assert sorted(run["id"] for run in found) == sorted(run["id"] for run in each)
    starts = [run["startedAt"] for run in found]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_by_duration_open_runs_come_last_both_ways(installation: Installation, order: str) -> None:
    found, each = await both(installation, {"sort": "durationMs", "order": order})
    durations = [run["durationMs"] for run in found]
    closed = [duration for duration in durations if duration is not None]
    assert sorted(run["id"] for run in found) == sorted(run["id"] for run in each)
    assert closed == sorted(closed, reverse=order == "desc")
    assert durations == closed + [None] * (len(durations) - len(closed))


async def test_each_task_queue_has_as_many_as_its_figure_says(installation: Installation) -> None:
    project = {"projectId": str(installation.ours.project_id)}
    queues = (await installation.me.data("statistics.taskQueues", project))["items"]
    assert len(queues) > 1
    for line in queues:
        found = await whole_list(installation.me, {**project, "taskQueue": line["taskQueue"]}, PROJECT)
        assert len(found) == line["runs"]
        assert {run["taskQueue"] for run in found} <= {line["taskQueue"]}


async def test_its_total_is_that_of_the_figures(installation: Installation) -> None:
    project = {"projectId": str(installation.ours.project_id)}
    figures = await installation.me.data("execution.getProjectStatistics", project)
    page = await installation.me.data(PROJECT, {**project, "limit": 1})
    assert (page["total"], page["totalIsExact"]) == (figures["totalExecutions"], True)


@pytest.mark.parametrize("window", [{}, {"topLevel": True}], ids=str)
async def test_bars_and_errors_are_as_many_as_the_runs_they_open(
    installation: Installation, window: dict[str, Any]
) -> None:
    project = {"projectId": str(installation.ours.project_id), **window}
    bins = (await installation.me.data("statistics.distribution", project))["bins"]
    assert any(one["count"] for one in bins)
    for one in bins:
        asked = {**project, "minDurationMs": one["fromMs"], "maxDurationMs": one["toMs"], "sort": "durationMs"}
        assert len(await whole_list(installation.me, asked, PROJECT)) == one["count"], one
    groups = (await installation.me.data("statistics.errors", project))["groups"]
    assert groups
    for group in groups:
        found = await whole_list(installation.me, {**project, "errorGroup": group["errorGroup"]}, PROJECT)
        assert len(found) == group["count"]
    figures = await installation.me.data("execution.getProjectStatistics", project)
    for more, count in (
        ({}, figures["totalExecutions"]),
        ({"errors": True}, figures["totalErrors"]),
        ({"status": ["pending", "running", "paused"]}, figures["runningExecutions"]),
    ):
        assert len(await whole_list(installation.me, {**project, **more}, PROJECT)) == count, more
