"""Schedules of a real server: how they are told, what is asked for again, and what is late, missed, refused or gone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
)
from tests.acceptance.eventually import eventually
from tests.acceptance.grpc_proxy import READS, GrpcProxy
from tests.acceptance.observed import new_id
from tests.api.seeded import Caller, client_for
from tests.databases import make_project

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import Unavailable
from watchglass.model.connection import Connection
from watchglass.parse.describe import parse_described
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.sync.schedules import Schedules
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

pytestmark = pytest.mark.acceptance
NOBODY = "a queue that nobody asks"
"""Runs stay open, so that a second run of the same schedule overlaps."""


@dataclass
class Office:
    """A project that looks at a namespace, and somebody of the project."""

    store: Store
    parts: Parts
    connection: Connection
    client: Client
    ada: Caller

    @property
    def project(self) -> dict[str, str]:
        return {"projectId": str(self.connection.project_id)}

    async def look(self) -> None:
        """As the patrol does, as often as its rounds would until nothing waits."""
        async with self.store.write() as writer:
            await writer.execute("UPDATE schedules SET describing_at = describing_at - interval '1 minute'")
        await Schedules(self.parts, self.connection).follow(seconds=60)

    async def listed(self) -> dict[str, Any]:
        return {one["scheduleId"]: one for one in (await self.ada.data("schedule.list", self.project))["items"]}

    async def shown(self, schedule_id: str) -> Any:
        await self.look()
        return (await self.listed()).get(schedule_id)

    async def create(self, spec: ScheduleSpec, **more: Any) -> ScheduleHandle:
        schedule_id = new_id("schedule")
        action = ScheduleActionStartWorkflow("Report", id=f"{schedule_id}-run", task_queue=NOBODY)
        return await self.client.create_schedule(schedule_id, Schedule(action=action, spec=spec, **more))


@asynccontextmanager
async def open_office(store: Store, name: str, address: str) -> AsyncIterator[Office]:
    project_id, _ = await make_project(store, name, owner=name)
    token = await create_token(store, user=name, name="test", lifetime=timedelta(hours=1))
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=address, namespace="default", is_embedded=False
        )
    parts = Parts(store, Clients())
    async with client_for(store, parts) as http:
        yield Office(store, parts, connection, await Client.connect(address), Caller(http, token))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Office]:
    async with open_office(store, "office", temporal.address) as office:
        yield office


@pytest_asyncio.fixture
async def behind_proxy(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[tuple[Office, GrpcProxy]]:
    async with GrpcProxy(temporal.address) as proxy, open_office(store, new_id("proxied"), proxy.address) as office:
        yield replace(office, client=await Client.connect(temporal.address)), proxy


NIGHTLY = ScheduleSpec(cron_expressions=["0 2 * * *"])


def every(**duration: int) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(**duration))])


async def test_a_nightly_one_is_told_with_its_next_runs(office: Office) -> None:
    handle = await office.create(NIGHTLY)
    shown = await eventually(lambda: office.shown(handle.id))
    described = await handle.describe()
    assert (shown["workflowType"], shown["temporalWorkflowId"]) == ("Report", f"{handle.id}-run")
    assert (shown["words"], shown["overlap"], shown["catchupWindowSeconds"]) == (
        "every day at 02:00 UTC",
        "skip",
        365 * 86_400,
    )
    assert '"hour"' in shown["spec"]
    told = [at.isoformat().replace("+00:00", "Z") for at in described.info.next_action_times]
    assert shown["nextRuns"] == told
    assert shown["nextRunAt"] == told[0]
    assert (shown["lastRun"], shown["late"], shown["paused"], shown["warnings"]) == (None, False, False, [])
    assert (shown["actionCount"], shown["missedCount"]) == (0, 0)
    assert await office.ada.data("schedule.get", {"scheduleId": shown["id"]}) == shown


async def test_a_paused_one_says_why_and_has_no_next_run(office: Office) -> None:
    handle = await office.create(every(hours=1), state=ScheduleState(paused=True, note="until the audit is over"))
    shown = await eventually(lambda: office.shown(handle.id))
    assert (shown["paused"], shown["note"], shown["nextRunAt"]) == (True, "until the audit is over", None)
    await handle.unpause(note="the audit is over")

    async def runs_again() -> bool:
        again = await office.shown(handle.id)
        return again["note"] == "the audit is over" and not again["paused"] and again["nextRunAt"] is not None

    assert await eventually(runs_again)


async def test_its_runs_are_told_and_link_to_executions_of_the_project(office: Office) -> None:
    handle = await office.create(every(seconds=1), policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP))

    async def has_skipped() -> Any:
        shown = await office.shown(handle.id)
        return shown if shown and (shown["overlapSkippedCount"] or 0) >= 2 else None

    shown = await eventually(has_skipped)
    assert shown["actionCount"] == 1
    assert shown["warnings"] == [], "left out because somebody asked for it"
    run = shown["lastRun"]
    assert run["temporalWorkflowId"].startswith(f"{handle.id}-run-")
    assert datetime.fromisoformat(run["dueAt"]) <= datetime.fromisoformat(run["startedAt"])
    assert (run["executionId"], run["status"]) == (None, None)

    answer = await describe_run(await office.parts.access(office.connection), run["temporalWorkflowId"])
    (key,) = await add_runs(office.parts, office.connection, [parse_described(answer)])
    run = (await office.listed())[handle.id]["lastRun"]
    assert (run["executionId"], run["status"]) == (str(key.id), "running")
    await handle.delete()


async def test_one_that_was_deleted_stays_and_says_so(office: Office) -> None:
    handle = await office.create(NIGHTLY)
    before = await eventually(lambda: office.shown(handle.id))
    await handle.delete()

    async def is_gone() -> Any:
        shown = await office.shown(handle.id)
        return shown if shown["goneAt"] else None

    shown = await eventually(is_gone)
    assert (shown["id"], shown["words"], shown["nextRunAt"], shown["late"]) == (
        before["id"],
        "every day at 02:00 UTC",
        None,
        False,
    )
    action = ScheduleActionStartWorkflow("Report", id="again", task_queue=NOBODY)
    await office.client.create_schedule(handle.id, Schedule(action=action, spec=every(hours=2)))

    async def is_back() -> Any:
        shown = await office.shown(handle.id)
        return shown if shown["goneAt"] is None and shown["temporalWorkflowId"] == "again" else None

    assert (await eventually(is_back))["words"] == "every 2 hours"


async def test_one_that_is_overdue_is_late_until_temporal_says_that_it_ran(office: Office) -> None:
    handle = await office.create(NIGHTLY)
    shown = await eventually(lambda: office.shown(handle.id))
    async with office.store.write() as writer:
        await writer.execute(
            "UPDATE schedules SET next_runs = ARRAY[now() - interval '90 seconds'] WHERE schedule_id = $1", handle.id
        )
    shown = (await office.listed())[handle.id]
    assert (shown["late"], len(shown["warnings"])) == (True, 1)
    assert shown["warnings"][0].startswith("Its next run is late: it was due more than a minute ago")
    # A schedule whose line in the list is the same is asked about because its time has passed.
    shown = await office.shown(handle.id)
    assert (shown["late"], shown["warnings"]) == (False, [])


async def test_what_has_not_changed_is_not_described_again(behind_proxy: tuple[Office, GrpcProxy]) -> None:
    office, proxy = behind_proxy
    handle = await office.create(NIGHTLY)

    async def is_described() -> Any:
        shown = await office.shown(handle.id)
        return shown and shown["overlap"]

    assert await eventually(is_described)

    async def rests() -> bool:
        before = proxy.calls["DescribeSchedule"], proxy.calls["ListSchedules"]
        await office.look()
        return (proxy.calls["DescribeSchedule"], proxy.calls["ListSchedules"]) == (before[0], before[1] + 1)

    assert await eventually(rests)
    before = proxy.calls["DescribeSchedule"]
    await handle.pause(note="stop")

    async def is_paused() -> bool:
        return (await office.shown(handle.id))["note"] == "stop"

    assert await eventually(is_paused)
    assert proxy.calls["DescribeSchedule"] > before


async def test_a_server_that_does_not_list_them_is_told_apart_from_one_without_any(
    behind_proxy: tuple[Office, GrpcProxy],
) -> None:
    office, proxy = behind_proxy
    await office.create(NIGHTLY)
    proxy.hidden.add("ListSchedules")
    await office.look()
    answer = await office.ada.data("schedule.list", office.project)
    (source,) = answer["sources"]
    assert answer["items"] == []
    assert source["listedAt"] is None
    assert source["refusal"] == (
        "This Temporal server does not offer the call for the schedules of namespace 'default'."
    )
    proxy.hidden.clear()
    proxy.allowed = READS - {"ListSchedules"}
    await office.look()
    (source,) = (await office.ada.data("schedule.list", office.project))["sources"]
    assert "the credentials do not allow it" in source["refusal"]
    proxy.allowed = READS - {"DescribeSchedule"}
    await office.look()
    answer = await office.ada.data("schedule.list", office.project)
    assert (answer["sources"][0]["refusal"], answer["sources"][0]["listedAt"] is None) == (None, False)
    # Their lines in the list are what is left.
    assert {one["overlap"] for one in answer["items"]} == {None}
    assert {one["workflowType"] for one in answer["items"]} == {"Report"}


async def test_a_scope_shows_the_schedules_whose_runs_are_in_the_project(
    behind_proxy: tuple[Office, GrpcProxy],
) -> None:
    office, _ = behind_proxy
    async with office.store.write() as writer:
        await writer.execute(
            "UPDATE connections SET scope = $2 WHERE id = $1", office.connection.id, "WorkflowType = 'Report'"
        )
    quiet = await office.create(NIGHTLY)
    handle = await office.create(NIGHTLY)
    await handle.trigger()

    async def has_run() -> Any:
        actions = (await handle.describe()).info.recent_actions
        return actions[0].action if actions else None

    run = await eventually(has_run)

    async def are_described() -> bool:
        await office.look()
        async with office.store.write() as reader:
            ids = [handle.id, quiet.id]
            return bool(
                await reader.fetchval(
                    "SELECT count(*) = 2 AND max(jsonb_array_length(last_runs)) = 1 FROM schedules "
                    "WHERE connection_id = $1 AND schedule_id = ANY ($2)",
                    office.connection.id,
                    ids,
                )
            )

    assert await eventually(are_described)
    assert handle.id not in await office.listed()
    answer = await describe_run(await office.parts.access(office.connection), run.workflow_id)
    await add_runs(office.parts, office.connection, [parse_described(answer)])
    listed = await office.listed()
    assert handle.id in listed
    assert quiet.id not in listed


async def test_runs_that_were_missed_while_temporal_was_away(store: Store, tmp_path: Path) -> None:
    """The shortest catch-up window that there is, ten seconds; the server is away for longer."""
    server = EmbeddedTemporal(tmp_path, preferred_port=0)
    await server.start()
    try:
        client = await Client.connect(server.address)
        action = ScheduleActionStartWorkflow("Report", id="tick", task_queue=NOBODY)
        policy = SchedulePolicy(catchup_window=timedelta(seconds=10))
        await client.create_schedule("tick", Schedule(action=action, spec=every(seconds=1), policy=policy))
        async with open_office(store, "away", server.address) as office:

            async def has_begun() -> bool:
                shown = await office.shown("tick")
                return bool(shown and shown["actionCount"])

            assert await eventually(has_begun)
            await server.stop()
            left = time.monotonic()
            await asyncio.sleep(13)
            server = EmbeddedTemporal(tmp_path, preferred_port=int(server.address.rpartition(":")[2]))
            await server.start()
            away = time.monotonic() - left

            async def has_missed() -> Any:
                try:
                    shown = await office.shown("tick")
                except Unavailable:
                    return None
                return shown if shown["missedCount"] else None

            shown = await eventually(has_missed, seconds=120)
            assert 1 <= shown["missedCount"] <= away
            assert shown["warnings"][0].startswith(f"{shown['missedCount']} run")
            assert "missed: Temporal was away longer than the catch-up window of 10 seconds." in shown["warnings"][0]
    finally:
        await server.stop()
