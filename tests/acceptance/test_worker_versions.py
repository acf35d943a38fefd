"""Runs of versioned workers and of those that are not: named on each run, split in the figures, picked in the list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import new_id
from tests.api.seeded import Caller, client_for

from watchglass.auth.tokens import create_token
from watchglass.statistics.builds import MOST_BUILDS
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@workflow.defn
class Priced:
    @workflow.run
    async def run(self, fails: bool) -> str:
        if fails:
            raise ApplicationError("no price", type="NoPrice")
        return "9.90"


@workflow.defn
class Deployed(Priced):
    @workflow.run
    async def run(self, fails: bool) -> str:
        return await Priced.run(self, fails)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(bench: Bench) -> AsyncIterator[Caller]:
    token = await create_token(bench.store, user="ada", name="versions", lifetime=timedelta(hours=1))
    async with client_for(bench.store, bench.parts) as client:
        yield Caller(client, token)


@asynccontextmanager
async def versioned(client: Client, queue: str, version: WorkerDeploymentVersion) -> AsyncIterator[None]:
    """A worker of that version, to which new runs go."""
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Priced],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=WorkerDeploymentConfig(
            version=version,
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.PINNED,
        ),
    )
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace="default", deployment_name=version.deployment_name, build_id=version.build_id, identity="test"
    )
    async with worker:
        async with asyncio.timeout(120):
            while True:
                try:
                    await client.workflow_service.set_worker_deployment_current_version(request)
                    break
                except RPCError:  # the server has not heard of the version yet
                    await asyncio.sleep(0.2)
        yield


async def run(bench: Bench, queue: str, *, fails: bool = False, type: Any = Priced) -> Any:
    handle = await bench.client.start_workflow(type.run, fails, id=new_id("priced"), task_queue=queue)
    if fails:
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    else:
        await handle.result()
    key = await bench.key_of(handle)
    assert (await sync_execution(bench.parts, key)).synced
    return key.id


async def test_figures_and_lists_can_be_split_by_version(bench: Bench, caller: Caller) -> None:
    queue = new_id("prices")
    deployment = f"prices-{uuid4().hex[:6]}"
    first, second = (WorkerDeploymentVersion(deployment, build) for build in ("1.0", "1.1"))
    async with versioned(bench.client, queue, first):
        old = [await run(bench, queue), await run(bench, queue, fails=True)]
    async with versioned(bench.client, queue, second):
        new = [await run(bench, queue)]
    plain_queue = new_id("plain")
    async with Worker(
        bench.client, task_queue=plain_queue, workflows=[Priced], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        plain = [await run(bench, plain_queue)]

    details = (await caller.data("execution.getExecutionDetails", {"executionId": str(old[0])}))["execution"]
    assert (details["buildId"], details["deployment"], details["versioning"]) == ("1.0", deployment, "pinned")
    unversioned = (await caller.data("execution.getExecutionDetails", {"executionId": str(plain[0])}))["execution"]
    assert (unversioned["deployment"], unversioned["versioning"]) == (None, None)

    workflow_id = details["workflowId"]
    figures = await caller.data("execution.getWorkflowStatistics", {"workflowId": workflow_id})
    split = {(line["deployment"], line["buildId"]): line for line in figures["byBuild"]}
    assert set(split) == {(deployment, "1.0"), (deployment, "1.1"), (None, unversioned["buildId"])}
    one = split[(deployment, "1.0")]
    assert (one["totalRuns"], one["errorCount"], one["successRate"], one["builds"]) == (2, 1, 0.5, 1)
    assert split[(deployment, "1.1")]["successRate"] == 1
    assert sum(line["totalRuns"] for line in figures["byBuild"]) == figures["totalRuns"]
    assert figures["byBuild"][0]["buildId"] == unversioned["buildId"], "the version that ran last comes first"
    assert one["avgDurationMs"] is not None
    assert one["p95DurationMs"] is not None

    for asked, expected in (
        ({"buildId": "1.0"}, old),
        ({"buildId": "1.1", "deployment": deployment}, new),
        ({"deployment": deployment}, [*old, *new]),
        ({"deployment": ""}, plain),
        ({"buildId": "1.0", "deployment": ""}, []),
    ):
        page = await caller.data("execution.getExecutionHistory", {"workflowId": workflow_id, **asked})
        assert {item["id"] for item in page["items"]} == set(map(str, expected)), asked
        assert (page["total"], page["totalIsExact"]) == (len(expected), True)
    page = await caller.data("execution.getExecutionHistory", {"workflowId": workflow_id, "buildId": "1.0", "limit": 1})
    other = {"workflowId": workflow_id, "buildId": "1.1", "limit": 1, "cursor": page["nextCursor"]}
    assert (await caller.query("execution.getExecutionHistory", other)).status_code == 400


async def test_versions_beyond_the_most_are_one_line(bench: Bench, caller: Caller) -> None:
    queue = new_id("many")
    async with Worker(
        bench.client, task_queue=queue, workflows=[Deployed], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        known = await run(bench, queue, type=Deployed)
    details = (await caller.data("execution.getExecutionDetails", {"executionId": str(known)}))["execution"]
    before = await caller.data("execution.getWorkflowStatistics", {"workflowId": details["workflowId"]})
    made = MOST_BUILDS + 7
    async with bench.store.write() as writer:
        # As many builds as a year of deployments makes, without running as many workers.
        await writer.execute(
            """
            WITH copies AS (
                INSERT INTO execution_keys (connection_id, temporal_run_id, project_id, execution_id)
                SELECT k.connection_id, k.temporal_run_id || '-' || n, k.project_id, uuidv7()
                FROM execution_keys k, generate_series(1, $2) n WHERE k.execution_id = $1
                RETURNING *
            )
            INSERT INTO workflow_executions (project_id, id, workflow_id, connection_id, namespace,
                temporal_workflow_id, temporal_run_id, temporal_type, status, started_at, closed_at, duration_ms,
                task_queue, build_id, is_final, detail_state)
            SELECT c.project_id, c.execution_id, e.workflow_id, c.connection_id, e.namespace, e.temporal_workflow_id,
                c.temporal_run_id, e.temporal_type, 'completed', e.started_at - interval '1 day', e.closed_at, 100,
                e.task_queue, 'build of ' || c.temporal_run_id, true, 'complete'
            FROM copies c, workflow_executions e WHERE e.id = $1
            """,
            known,
            made,
        )
    figures = await caller.data("execution.getWorkflowStatistics", {"workflowId": details["workflowId"]})
    lines = figures["byBuild"]
    assert len(lines) == MOST_BUILDS + 1
    rest = lines[-1]
    assert [line["isRest"] for line in lines] == [False] * MOST_BUILDS + [True]
    assert rest["builds"] == len(before["byBuild"]) + made - MOST_BUILDS == rest["totalRuns"]
    assert (rest["buildId"], rest["deployment"], rest["p95DurationMs"]) == (None, None, 100)
