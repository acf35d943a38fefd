"""Who may not see values gets none of a run that goes on either: open on a real Temporal, followed, failing and trying
again, with a value wherever one can be."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.following import following
from tests.acceptance.observed import new_id, observed_worker
from tests.api.hidden import who_sees
from tests.api.house import furnished
from tests.api.seeded import Tenant
from tests.databases import Database

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.project import Principal
from watchglass.store.users import find_user
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

MARK = "guarded-5f0c92"
PLACE = SearchAttributeKey.for_keyword("GuardedPlace")
_SECONDS = timedelta(seconds=30)


@activity.defn(name="guarded.echo")
async def echo(value: dict[str, str]) -> dict[str, str]:
    return value


@activity.defn(name="guarded.work")
async def work(value: dict[str, str]) -> None:
    """Fails once, with the value in its details, and goes on for as long as it is let."""
    if activity.info().attempt == 1:
        raise ApplicationError("not yet", value, type="NotYet")
    while True:
        activity.heartbeat(value)
        await asyncio.sleep(0.5)


@workflow.defn(name="GuardedChild")
class GuardedChild:
    @workflow.run
    async def run(self, value: dict[str, str]) -> dict[str, str]:
        return value


@workflow.defn(name="Guarded")
class Guarded:
    @workflow.run
    async def run(self, value: dict[str, str]) -> None:
        await workflow.execute_activity(echo, value, start_to_close_timeout=_SECONDS)
        await workflow.execute_local_activity(echo, value, start_to_close_timeout=_SECONDS)
        child = workflow.info().workflow_id + "/child"
        await workflow.execute_child_workflow(GuardedChild.run, value, id=child, memo={"kept": value})
        workflow.upsert_memo({"later": value})
        again = RetryPolicy(initial_interval=timedelta(milliseconds=100))
        await workflow.execute_activity(
            work, value, start_to_close_timeout=timedelta(hours=1), heartbeat_timeout=_SECONDS, retry_policy=again
        )

    @workflow.signal
    def tell(self, value: dict[str, str]) -> None:
        return

    @workflow.update
    def ask(self, value: dict[str, str]) -> dict[str, str]:
        return value


async def test_no_value_of_an_open_run_reaches_who_may_not_see_values(
    bench: Bench, database: Database, temporal: EmbeddedTemporal
) -> None:
    value = {"name": MARK}
    async with observed_worker(temporal.address, workflows=[Guarded, GuardedChild], activities=[echo, work]) as (
        client,
        queue,
    ):
        kind = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes={PLACE.name: kind})
        )
        handle = await client.start_workflow(
            Guarded.run,
            value,
            id=new_id("guarded"),
            task_queue=queue,
            memo={"kept": value},
            search_attributes=TypedSearchAttributes([SearchAttributePair(PLACE, MARK)]),
        )
        await handle.signal(Guarded.tell, value)
        await handle.execute_update(Guarded.ask, value)
        key = await bench.key_of(handle)
        await sync_execution(bench.parts, key)
        async with following(bench.parts), furnished(database, bench.parts, await tenant_of(bench), key) as house:
            await ImmediateSync(bench.parts).watch(key.project_id, key.id)

            async def is_followed_and_beats() -> bool:
                return bool(
                    await house.admin.fetchval(
                        "SELECT count(*) FROM component_executions c JOIN followed_executions f USING (execution_id) "
                        "WHERE c.execution_id = $1 AND c.attempt = 2 "
                        "AND c.heartbeat IS NOT NULL AND f.confirmed_at IS NOT NULL",
                        key.id,
                    )
                )

            assert await eventually(is_followed_and_beats)
            seen = await who_sees(MARK, house, house.things, syncs=True)
            assert (
                await house.admin.fetchval("SELECT status FROM workflow_executions WHERE id = $1", key.id) == "running"
            )
        await handle.terminate()
    assert seen >= {
        "execution.getComponentExecution",
        "execution.getExecutionDetails",
        "execution.getHistoryEvents",
    }, "who may see values sees them"


async def tenant_of(bench: Bench) -> Tenant:
    token = await create_token(bench.store, user="ada", name="test", lifetime=timedelta(hours=1))
    async with bench.store.door() as door:
        user = await find_user(door, "ada")
    assert user is not None
    return Tenant(bench.connection.project_id, bench.connection, Principal(user, "ada", b""), token)
