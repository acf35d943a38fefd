"""A run that is copied further while it is derived again, or redacted: what is read of it is of one moment."""

import random
from collections.abc import Awaitable, Callable, Sequence

import pytest
from tests.databases import make_project
from tests.statistics.storm.recorded import recordings
from tests.statistics.storm.served import EVERYTHING, RecordedTemporal

from watchglass.model.redaction import RedactionRules
from watchglass.parse import PARSE_VERSION
from watchglass.store.connections import ensure_connection
from watchglass.store.redaction import save_rules
from watchglass.store.scope import Reader, Store
from watchglass.store.sync_states import ExecutionKey, SyncState, read_states
from watchglass.sync.listing import take_page
from watchglass.sync.one import sync_executions
from watchglass.sync.parts import Parts
from watchglass.sync.redact_stored import redact_runs, redactor_of
from watchglass.sync.rederive import Rederived, rederive
from watchglass.temporal.client import Clients
from watchglass.temporal.visibility import list_runs

Doing = Callable[[Store, Sequence[ExecutionKey]], Awaitable[Rederived]]


async def derived(store: Store, keys: Sequence[ExecutionKey]) -> Rederived:
    return await rederive(store, keys, below=PARSE_VERSION + 1)


async def redacted(store: Store, keys: Sequence[ExecutionKey]) -> Rederived:
    redactor = await redactor_of(store, keys[0].project_id)
    assert redactor is not None
    return await redact_runs(store, keys, redactor)


@pytest.mark.parametrize(("room", "doing"), [("rederive", derived), ("redact_stored", redacted)])
async def test_a_run_that_grows_meanwhile_is_not_taken_for_a_damaged_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, room: str, doing: Doing
) -> None:
    dice = random.Random(1)
    async with RecordedTemporal(recordings(dice, most=1), dice) as temporal:
        project_id, _ = await make_project(store, f"Meanwhile {room}", owner="ada")
        async with store.write() as writer:
            connection = await ensure_connection(
                writer, project_id=project_id, address=temporal.address, namespace=room, is_embedded=True
            )
            await save_rules(writer, project_id, RedactionRules(keys=("name",)))
        parts = Parts(store, Clients())
        temporal.start(1)
        temporal.is_growing = False
        async for page in list_runs(await parts.access(connection), EVERYTHING):
            await take_page(parts, [connection], page)
        (run,) = temporal.runs.values()
        async with store.write() as reader:
            run_id = await reader.fetchval(
                "SELECT execution_id FROM execution_keys WHERE temporal_run_id = $1", run.told.run_id
            )
        key = ExecutionKey(project_id, run_id)
        await sync_executions(parts, [key])

        async def read_and_be_overtaken(reader: Reader, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, SyncState]:
            states = await read_states(reader, keys)
            if run.shown < len(run.told.events):
                run.shown = len(run.told.events)
                await sync_executions(parts, [key])
            return states

        assert run.shown < len(run.told.events)
        monkeypatch.setattr(f"watchglass.sync.{room}.read_states", read_and_be_overtaken)
        done = await doing(store, [key])
        assert done.left == {}
        async with store.write() as reader:
            copied = await reader.fetchval("SELECT synced_event_id FROM workflow_executions WHERE id = $1", run_id)
        assert copied == len(run.kept)
