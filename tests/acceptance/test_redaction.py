"""A project's redaction rules on real runs: nothing hidden is stored, and what is stored still works as a history."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.private import CITY, ended, private_worker, started
from tests.databases import Database
from tests.everything_stored import places_of
from tests.stored_errors import assert_groups_are_of_what_is_stored

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.failure import Failure
from watchglass.model.redaction import NO_RULES, RedactionRules
from watchglass.parse import PARSE_VERSION
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.store.failures import failure_to_json
from watchglass.store.history_pages import read_events
from watchglass.store.redaction import count_unredacted, is_redacted, save_rules
from watchglass.store.scope import Store
from watchglass.store.seal import Seal, Unsealable
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.redact_stored import redact_project, redactor_of
from watchglass.sync.rederive import rederive
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance

RULES = RedactionRules(keys=("password",), expressions=("<[0-9a-f-]{36}>",))
MARK = re.compile(r"\[redacted:[0-9a-f]{8}\]")


@dataclass(frozen=True)
class House:
    bench: Bench
    database: Database
    client: Client
    queue: str

    def parts(self) -> Parts:
        """As a process has them that starts now: no rules are remembered."""
        return Parts(self.bench.store, Clients())

    async def rules(self, rules: RedactionRules) -> int:
        async with self.bench.store.write() as writer:
            return await save_rules(writer, self.bench.connection.project_id, rules)

    async def listed(self, workflow_id: str) -> ExecutionKey:
        parts = self.parts()
        access = await parts.access(self.bench.connection)
        answer = await describe_run(access, workflow_id)
        redactor = await parts.redactor(self.bench.connection)
        if redactor is not None:
            redact(answer, redactor)
        (key,) = await add_runs(parts, self.bench.connection, [parse_described(answer)])
        return key

    async def units(self, key: ExecutionKey) -> list[dict[str, Any]]:
        async with self.bench.store.write() as reader:
            rows = await reader.fetch(
                "SELECT * FROM component_executions WHERE execution_id = $1 ORDER BY event_id", key.id
            )
        return [dict(row) for row in rows]

    async def run(self, key: ExecutionKey) -> dict[str, Any]:
        async with self.bench.store.write() as reader:
            row = await reader.fetchrow("SELECT * FROM workflow_executions WHERE id = $1", key.id)
        assert row is not None
        return dict(row)

    async def where(self, secret: str) -> list[str]:
        return await places_of(secret, self.database.admin_url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(bench: Bench, database: Database, temporal: EmbeddedTemporal) -> AsyncIterator[House]:
    async with private_worker(temporal.address) as (client, queue):
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace="default", search_attributes={CITY.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
            )
        )
        yield House(bench, database, client, queue)


@pytest.fixture
def secret() -> str:
    return str(uuid4())


@pytest.fixture(autouse=True)
async def without_rules(house: House) -> AsyncIterator[None]:
    yield
    await house.rules(NO_RULES)


async def test_nothing_that_is_hidden_is_stored_anywhere(house: House, secret: str) -> None:
    revision = await house.rules(RULES)
    handle = await started(house.client, house.queue, secret)
    key = await house.listed(handle.id)
    assert (await sync_execution(house.parts(), key)).error is None
    assert await house.where(secret) == [], "while it runs"
    await ended(handle, secret)
    assert (await sync_execution(house.parts(), key)).is_final
    assert await house.where(secret) == [], "after it has ended"
    run = await house.run(key)
    assert (run["status"], run["error_type"], run["retry_count"]) == ("failed", "Refused", 1)
    assert MARK.search(run["error_message"]) and secret not in str(run)
    kinds = {unit["kind"] for unit in await house.units(key)}
    assert kinds == {"activity", "local_activity", "child_workflow", "signal", "update"}
    async with house.bench.store.write() as reader:
        events = await read_events(reader, project_id=key.project_id, execution_id=key.id)
        pages = await reader.fetch("SELECT redaction_revision FROM history_pages WHERE execution_id = $1", key.id)
        city = await reader.fetchval(
            "SELECT text_value FROM execution_search_attributes WHERE execution_id = $1 AND name = $2",
            key.id,
            CITY.name,
        )
        assert await is_redacted(reader, key)
    assert [event.event_id for event in events] == list(range(1, run["synced_event_id"] + 1))
    assert {page[0] for page in pages} == {revision}
    assert MARK.fullmatch(city)


async def test_the_same_value_is_marked_the_same_in_all_runs(house: House, secret: str) -> None:
    await house.rules(RULES)
    marks = []
    for _ in range(2):
        handle = await started(house.client, house.queue, secret)
        key = await house.listed(handle.id)
        await sync_execution(house.parts(), key)
        await ended(handle, secret)
        given = next(unit["input"] for unit in await house.units(key) if unit["kind"] == "activity")
        marks += MARK.findall(given.decode("utf-8", "replace"))
    assert len(marks) == 2 and len(set(marks)) == 1


async def test_a_sync_goes_on_where_redacted_pages_end(house: House, secret: str) -> None:
    await house.rules(RULES)
    handle = await started(house.client, house.queue, secret)
    key = await house.listed(handle.id)
    await sync_execution(house.parts(), key)
    before = (await house.run(key))["synced_event_id"]
    # Other rules by now: what is stored was changed by the earlier ones, and is the same history all the same.
    await house.rules(RedactionRules(keys=("password", "name"), expressions=RULES.expressions))
    await ended(handle, secret)
    await sync_execution(house.parts(), key)
    async with house.bench.store.write() as reader:
        pages = await reader.fetch(
            "SELECT first_event_id, redaction_revision FROM history_pages WHERE execution_id = $1 ORDER BY 1", key.id
        )
    assert len(pages) == 2 and pages[1]["first_event_id"] == before + 1, "only what is new was read and stored"
    assert pages[0]["redaction_revision"] < pages[1]["redaction_revision"]
    assert await house.where(secret) == []


async def test_rows_are_derived_again_from_redacted_pages_to_the_same(house: House, secret: str) -> None:
    await house.rules(RULES)
    handle = await started(house.client, house.queue, secret)
    await ended(handle, secret)
    key = await house.listed(handle.id)
    await sync_execution(house.parts(), key)
    before = await house.bench.digest(key)
    done = await rederive(house.bench.store, [key], below=PARSE_VERSION + 1)
    assert (done.done, done.left) == (1, {})
    assert await house.bench.digest(key) == before
    await assert_totals_equal_recomputation(house.bench.store)


async def test_what_was_stored_before_is_hidden_when_it_is_asked_for(house: House, secret: str) -> None:
    handles = [await started(house.client, house.queue, secret, tries=3) for _ in range(3)]
    keys = [await house.listed(handle.id) for handle in handles]
    for key in keys:
        await sync_execution(house.parts(), key)
    for handle in handles[:2]:
        await ended(handle, secret)
    for key in keys:
        await sync_execution(house.parts(), key)
    # An attempt that was only seen, and a run of which the list alone is known.
    seen = Failure("application", "X", f"<{secret}>", f"at <{secret}>", False, None)
    async with house.bench.store.write() as writer:
        await writer.execute(
            "INSERT INTO component_attempts "
            "SELECT project_id, execution_id, event_id, 1, 1, NULL, NULL, $2, 'observed' FROM component_executions "
            "WHERE execution_id = $1 AND status = 'failed'",
            keys[0].id,
            failure_to_json(seen),
        )
    await house.listed(handles[2].id + "/child")
    assert set(await house.where(secret)) >= {
        "history_pages",
        "workflow_executions",
        "component_executions",
        "component_attempts",
        "run_descriptions",
        "execution_search_attributes",
    }
    figures = await _figures(house)

    revision = await house.rules(RULES)
    redactor = await redactor_of(house.bench.store, keys[0].project_id)
    assert redactor is not None
    done = await redact_project(house.bench.store, keys[0].project_id, redactor)
    assert done.left == {} and done.done >= 3
    assert await house.where(secret) == []
    assert await _figures(house) == figures, "figures are not touched"
    assert await assert_groups_are_of_what_is_stored(house.bench.store) >= 2
    await assert_totals_equal_recomputation(house.bench.store)
    async with house.bench.store.write() as reader:
        assert await count_unredacted(reader, keys[0].project_id, revision) == 0
    again = await redact_project(house.bench.store, keys[0].project_id, redactor)
    assert again.done == 0
    # The open one goes on from its redacted pages.
    await ended(handles[2], secret)
    assert (await sync_execution(house.parts(), keys[2])).is_final
    assert await house.where(secret) == []


async def test_redacting_that_was_interrupted_is_taken_up_again(house: House, secret: str) -> None:
    keys = []
    for _ in range(3):
        handle = await started(house.client, house.queue, secret)
        await ended(handle, secret)
        key = await house.listed(handle.id)
        await sync_execution(house.parts(), key)
        keys.append(key)
    await house.rules(RULES)
    redactor = await redactor_of(house.bench.store, keys[0].project_id)
    assert redactor is not None

    class Interrupted(Exception):
        pass

    def stop(_: object) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        await redact_project(house.bench.store, keys[0].project_id, redactor, show=stop)
    done = await redact_project(house.bench.store, keys[0].project_id, redactor)
    assert done.left == {}
    assert await house.where(secret) == []


async def test_without_the_key_nothing_is_stored_rather_than_stored_in_the_open(house: House, secret: str) -> None:
    await house.rules(RULES)
    handle = await started(house.client, house.queue, secret)
    key = await house.listed(handle.id)
    own = house.bench.store
    keyless = Parts(Store(own.login, own.sync, own.user_role, Seal()), Clients())
    outcome = await sync_execution(keyless, key)
    assert not outcome.synced and "key of this installation" in str(outcome.error)
    with pytest.raises(Unsealable):
        await keyless.redactor(house.bench.connection)
    assert await house.where(secret) == []
    await ended(handle, secret)


async def test_the_search_looks_everywhere(house: House, secret: str) -> None:
    """The proof above is worth something: without rules the same secret is found in all of these places."""
    handle = await started(house.client, house.queue, secret)
    key = await house.listed(handle.id)
    await sync_execution(house.parts(), key)
    found = set(await house.where(secret))
    assert found >= {
        "history_pages",
        "run_descriptions",
        "workflow_executions",
        "component_executions",
        "execution_search_attributes",
    }
    await ended(handle, secret)


async def _figures(house: House) -> list[tuple[Any, ...]]:
    async with house.bench.store.write() as reader:
        rows = await reader.fetch(
            "SELECT * FROM workflow_statistics WHERE project_id = $1 ORDER BY workflow_id",
            house.bench.connection.project_id,
        )
    return [tuple(row) for row in rows]
