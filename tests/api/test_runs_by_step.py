"""Lists of the runs behind a component's figures, on real histories."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.api.conftest import Installation

from watchglass.store.execution_list import ListQuery, count_list, planned, read_list
from watchglass.store.scope import Store
from watchglass.store.step_filter import StepFilter

HISTORY, COMPONENTS = "execution.getExecutionHistory", "statistics.components"
STEPS = """
    SELECT c.* FROM component_executions c WHERE c.project_id = $1 AND NOT c.copied
      AND c.execution_id IN (SELECT e.id FROM workflow_executions e WHERE e.workflow_id = $2)
"""
EXPECTED = {"within_policy", "default_policy"}
UNEXPECTED = {"not_chosen", "beyond_policy", "no_policy", "exhausted", "timeout", "non_retryable"}

Step = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def steps(installation: Installation, store: Store) -> dict[str, list[Step]]:
    """Every step of each workflow."""
    project = installation.ours.project_id
    listed = await installation.me.data("workflow.list", {"projectId": str(project)})
    async with store.write() as writer:
        return {
            workflow["id"]: [dict(row) for row in await writer.fetch(STEPS, project, UUID(workflow["id"]))]
            for workflow in listed["items"]
        }


async def ids(installation: Installation, workflow: str, component: dict[str, Any]) -> set[str]:
    """Those of the list, which is one page."""
    asked = {"workflowId": workflow, "limit": 200, "component": component}
    page = await installation.me.data(HISTORY, asked)
    assert (page["total"], page["totalIsExact"], page["nextCursor"]) == (len(page["items"]), True, None)
    return {run["id"] for run in page["items"]}


class TestComponent:
    async def test_each_of_its_figures_opens_the_runs_behind_it(
        self, installation: Installation, steps: dict[str, list[Step]]
    ) -> None:
        seen = {"failed": 0, "expected": 0, "unexpected": 0}
        for workflow, of_workflow in steps.items():
            for line in (await installation.me.data(COMPONENTS, {"workflowId": workflow}))["items"]:
                whose = {"kind": line["kind"], "name": line["name"]}
                own = [step for step in of_workflow if (step["kind"], step["name"]) == (line["kind"], line["name"])]
                assert len(own) == line["count"]
                runs = {str(step["execution_id"]) for step in own}
                assert await ids(installation, workflow, whose) == runs
                if line["failedCount"]:
                    failed = [step for step in own if step["status"] in {"failed", "timed_out", "terminated"}]
                    assert len(failed) == line["failedCount"]
                    found = await ids(installation, workflow, {**whose, "failed": True})
                    assert found == {str(step["execution_id"]) for step in failed}
                    seen["failed"] += 1
                for kind, reasons, count in (
                    ("expected", EXPECTED, line["retriesExpected"]),
                    ("unexpected", UNEXPECTED, line["retriesUnexpected"]),
                ):
                    if count:
                        retried = [step for step in own if (step["attempt"] or 1) > 1 and step["reason"] in reasons]
                        assert sum(step["attempt"] - 1 for step in retried) == count
                        found = await ids(installation, workflow, {**whose, "retries": kind})
                        assert found == {str(step["execution_id"]) for step in retried}
                        seen[kind] += 1
        assert min(seen.values()) >= 1, seen

    async def test_slow_steps_are_those_of_that_time_or_more(
        self, installation: Installation, steps: dict[str, list[Step]]
    ) -> None:
        workflow = max(steps, key=lambda one: len(steps[one]))
        line = max(
            (await installation.me.data(COMPONENTS, {"workflowId": workflow}))["items"],
            key=lambda one: int(one["clocks"]["duration"]["count"]),
        )
        p95 = line["clocks"]["duration"]["p95Ms"]
        slow = {
            str(step["execution_id"])
            for step in steps[workflow]
            if (step["kind"], step["name"]) == (line["kind"], line["name"]) and (step["duration_ms"] or 0) >= p95
        }
        whose = {"kind": line["kind"], "name": line["name"], "clock": "duration", "minMs": p95}
        assert await ids(installation, workflow, whose) == slow != set()

    async def test_a_node_is_a_part_of_its_component(
        self, installation: Installation, steps: dict[str, list[Step]]
    ) -> None:
        workflow, step = next((one, step) for one, each in steps.items() for step in each if step["kind"] == "activity")
        whose = {"kind": "activity", "name": step["name"]}
        assert str(step["execution_id"]) in await ids(installation, workflow, {**whose, "nodeId": step["node_id"]})
        assert await ids(installation, workflow, {**whose, "nodeId": "no such node"}) == set()

    async def test_looked_up_or_gone_through_it_is_the_same_list(
        self, installation: Installation, store: Store, steps: dict[str, list[Step]]
    ) -> None:
        workflow = max(steps, key=lambda one: len({step["execution_id"] for step in steps[one]}))
        step = steps[workflow][0]
        ours = installation.ours
        filters = [
            StepFilter(step["kind"], step["name"]),
            StepFilter(step["kind"], step["name"], failed=True),
            StepFilter(step["kind"], step["name"], clock="duration", min_ms=1),
        ]
        async with store.read_as(ours.principal) as reader:
            for wanted in filters:
                for by_duration in (False, True):
                    base = ListQuery(ours.project_id, UUID(workflow), 200, step=wanted, by_duration=by_duration)
                    assert await planned(reader, base) == replace(base, are_few_steps=True)
                    few, many = (replace(base, are_few_steps=are_few) for are_few in (True, False))
                    lists = [[row["id"] for row in (await read_list(reader, one)).rows] for one in (few, many)]
                    assert lists[0] == lists[1]
                    assert await count_list(reader, few) == await count_list(reader, many)

    async def test_pages_follow_each_other_and_a_cursor_belongs_to_its_list(
        self, installation: Installation, steps: dict[str, list[Step]]
    ) -> None:
        workflow = max(steps, key=lambda one: len({step["execution_id"] for step in steps[one]}))
        step = steps[workflow][0]
        asked = {"workflowId": workflow, "limit": 1, "component": {"kind": step["kind"], "name": step["name"]}}
        first = await installation.me.data(HISTORY, asked)
        second = await installation.me.data(HISTORY, {**asked, "cursor": first["nextCursor"]})
        assert (first["position"], second["position"]) == (1, 2)
        assert first["items"][0]["id"] != second["items"][0]["id"]
        other = {**asked, "component": {**asked["component"], "failed": True}, "cursor": first["nextCursor"]}
        assert (await installation.me.query(HISTORY, other)).status_code == 400

    async def test_others_steps_are_nobodys_business(
        self, installation: Installation, steps: dict[str, list[Step]]
    ) -> None:
        workflow, step = next((one, each[0]) for one, each in steps.items() if each)
        asked = {"workflowId": workflow, "component": {"kind": step["kind"], "name": step["name"]}}
        assert (await installation.them.query(HISTORY, asked)).status_code == 404

    async def test_rest_has_it_in_the_url(self, installation: Installation, steps: dict[str, list[Step]]) -> None:
        workflow, step = next((one, each[0]) for one, each in steps.items() if each)
        component = {"kind": step["kind"], "name": step["name"]}
        params = {"workflowId": workflow, **{f"component.{name}": value for name, value in component.items()}}
        headers = {"authorization": f"Bearer {installation.ours.token}"}
        told = await installation.me.client.get(f"/api/v1/{HISTORY}", params=params, headers=headers)
        expected = await installation.me.data(HISTORY, {"workflowId": workflow, "component": component})
        assert told.json()["items"] == expected["items"] != []

    @pytest.mark.parametrize(
        "component",
        [
            {},
            {"kind": "activity"},
            {"kind": "no kind", "name": "x"},
            {"kind": "activity", "name": 7},
            {"kind": "activity", "name": "x", "what": "y"},
            {"kind": "activity", "name": "x", "failed": "yes"},
            {"kind": "activity", "name": "x", "retries": "some"},
            {"kind": "activity", "name": "x", "clock": "queue"},
            {"kind": "activity", "name": "x", "minMs": 5},
            {"kind": "activity", "name": "x", "clock": "sun", "minMs": 5},
            {"kind": "activity", "name": "x", "clock": "queue", "minMs": -1},
            {"kind": "activity", "name": "x" * 1001},
        ],
    )
    async def test_a_filter_that_is_none_is_refused(
        self, installation: Installation, component: dict[str, Any]
    ) -> None:
        asked = {"workflowId": str(uuid4()), "component": component}
        assert (await installation.me.query(HISTORY, asked)).status_code == 400


class TestErrors:
    async def test_those_that_count_as_errors_are_listed(self, installation: Installation) -> None:
        listed = await installation.me.data("workflow.list", {"projectId": str(installation.ours.project_id)})
        errors = 0
        for whose in ({"workflowId": workflow["id"]} for workflow in listed["items"]):
            figures = await installation.me.data("execution.getWorkflowStatistics", whose)
            page = await installation.me.data(HISTORY, {**whose, "errors": True, "limit": 200})
            assert (page["total"], len(page["items"])) == (figures["errorCount"], figures["errorCount"])
            assert {run["status"] for run in page["items"]} <= {"failed", "timed_out", "terminated"}
            errors += page["total"]
        assert errors > 0


class TestVersion:
    async def test_only_its_runs_are_listed(self, installation: Installation, store: Store) -> None:
        listed = await installation.me.data("workflow.list", {"projectId": str(installation.ours.project_id)})
        pages = [
            await installation.me.data(HISTORY, {"workflowId": one["id"], "limit": 200}) for one in listed["items"]
        ]
        runs = max((page["items"] for page in pages), key=len)
        assert len(runs) > 2
        async with store.write() as writer:
            await writer.execute("UPDATE workflow_executions SET version = 3 WHERE id = $1", UUID(runs[1]["id"]))
        asked = {"workflowId": runs[0]["workflowId"]}
        found = await installation.me.data(HISTORY, {**asked, "version": 3})
        assert [run["id"] for run in found["items"]] == [runs[1]["id"]]
        assert (found["total"], found["totalIsExact"]) == (1, True)
        assert (await installation.me.data(HISTORY, {**asked, "version": 4}))["items"] == []

    @pytest.mark.parametrize("version", [0, -1, "3", 2**31, 1.5, True])
    async def test_what_is_no_version_is_refused(self, installation: Installation, version: object) -> None:
        asked = {"workflowId": str(uuid4()), "version": version}
        assert (await installation.me.query(HISTORY, asked)).status_code == 400
