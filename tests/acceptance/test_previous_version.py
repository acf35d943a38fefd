"""Processes of the version before start and work on today's schema.

`python -m tests.previous_version COMMIT` asks the same of any version; `docs/decisions/schema-changes.md` says why.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.observed import Greeting, new_id
from tests.acceptance.running import Running, clean_environment
from tests.databases import SECRET_KEY, Database
from tests.previous_version.sources import ARCHIVE, newest_revision, unpack

from watchglass.auth.tokens import create_token
from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.statistics.rebuild import rebuild
from watchglass.store.schema import WORKS_FROM, head_revision
from watchglass.sync.one import NOTHING_TO_DO, sync_execution

__all__ = ["bench"]

pytestmark = pytest.mark.acceptance

PREVIOUS = Path(os.environ.get("PREVIOUS_VERSION", ARCHIVE))
OF_A_PROJECT = (
    *("project.get", "connection.list", "workflow.list", "schedule.list", "component.list", "member.list"),
    *("privacy.getRules", "backfill.list", "audit.list", "attention.get", "service.list", "sync.setAside"),
    "execution.getProjectStatistics",
)


async def asked(client: httpx.AsyncClient, procedure: str, **given: object) -> Mapping[str, Any]:
    answer = await client.get(f"trpc/{procedure}", params={"input": json.dumps(given)})
    assert answer.status_code == 200, f"{procedure}: {answer.text}"
    return dict(answer.json()["result"]["data"])


async def done(client: httpx.AsyncClient, procedure: str, **given: object) -> Mapping[str, Any]:
    answer = await client.post(f"trpc/{procedure}", json=given)
    assert answer.status_code == 200, f"{procedure}: {answer.text}"
    return dict(answer.json()["result"].get("data") or {})


def test_what_is_promised_is_what_is_tried() -> None:
    assert newest_revision() == WORKS_FROM


async def test_it_copies_answers_and_writes(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, data_dir: Path, tmp_path: Path
) -> None:
    env = clean_environment(
        WATCHGLASS_DATABASE_URL=database.login_url,
        WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
        WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
        WATCHGLASS_SECRET_KEY=SECRET_KEY,
        WATCHGLASS_DATA_DIR=str(data_dir),
        WATCHGLASS_CONTROL_TEMPORAL_ADDRESS=temporal.address,
        WATCHGLASS_CONTROL_TEMPORAL_NAMESPACE="watchglass-previous",
        PYTHONPATH=str(unpack(tmp_path, PREVIOUS)),
    )
    where = [sys.executable, "-c", "import watchglass; print(watchglass.__file__)"]
    loaded = await asyncio.to_thread(subprocess.check_output, where, env=env)
    assert str(tmp_path) in loaded.decode()
    token = await create_token(bench.store, user="ada", name="previous")
    with Running(command="worker", env=env) as worker, ExitStack() as stack:
        await asyncio.to_thread(worker.wait_for, "working")
        # Not at the same time: what the one has compiled the other need not.
        api = stack.enter_context(Running("--port", str(free_port()), command="api", env=env))
        url = (await asyncio.to_thread(api.wait_for, "serving"))["url"]
        handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("old"), task_queue=bench.queue)
        await handle.result()
        key = await bench.key_of(handle)
        async with asyncio.timeout(60):
            while not await _is_final(bench, key.id):
                await asyncio.sleep(0.1)
        async with httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        ) as client:
            project = str(key.project_id)
            for procedure in OF_A_PROJECT:
                await asked(client, procedure, projectId=project)
            items = (await asked(client, "workflow.list", projectId=project))["items"]
            # Others' runs in the same namespace may have been copied, too.
            (workflow,) = [item for item in items if item["temporalType"] == "Greeting"]
            await asked(client, "execution.getWorkflowStatistics", workflowId=workflow["id"])
            runs = await asked(client, "execution.getExecutionHistory", workflowId=workflow["id"])
            assert str(key.id) in [run["id"] for run in runs["items"]]
            details = await asked(client, "execution.getExecutionDetails", executionId=str(key.id))
            assert details["execution"]["status"] == "completed", list(details)
            rules: dict[str, list[str]] = {"keys": ["password"], "paths": [], "patterns": [], "expressions": []}
            await done(client, "project.create", name=new_id("Made by the version before"))
            await done(client, "privacy.saveRules", projectId=project, rules=rules)
            await done(client, "execution.syncExecutionFromTemporal", executionId=str(key.id))
        assert await asyncio.to_thread(worker.stop) == 0
        assert await asyncio.to_thread(api.stop) == 0
    for line in (*worker.lines, *api.lines):
        assert json.loads(line).get("level") not in ("error", "critical"), line
    # It changes rows without a note for the roll-ups; the comparison that follows every update makes them anew.
    await rebuild(bench.store, key.project_id)
    await assert_totals_equal_recomputation(bench.store)
    assert await sync_execution(bench.parts, key) == NOTHING_TO_DO
    print(f"\ncode that knows {newest_revision(PREVIOUS)} copied, answered and wrote on schema {head_revision()}")


async def _is_final(bench: Bench, id: object) -> bool:
    async with bench.store.write() as reader:
        return bool(await reader.fetchval("SELECT is_final FROM workflow_executions WHERE id = $1", id))
