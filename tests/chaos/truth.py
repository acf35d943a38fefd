"""What is stored, compared with what Temporal itself has: run by run, event by event."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.derived import derived_rows, differing
from tests.acceptance.soundness import assert_nothing_half_done
from tests.chaos.built import compare_built
from tests.chaos.compared import Compared
from tests.chaos.load import Load
from tests.chaos.people import People
from tests.chaos.waits import Late

from watchglass.parse import PARSE_VERSION
from watchglass.store.history_pages import unpack_events
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.unowned import count_unowned
from watchglass.sync.rederive import rederive

_MAY_BE_REPLACED = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
)


async def compare(
    store: Store, client: Client, load: Load, people: People, *, settled: dict[str, list[bytes]]
) -> Compared:
    """Compare everything. `settled` remembers the histories of closed runs between two calls."""
    found = Compared()
    listed = {run.run_id: run async for run in client.list_workflows()}
    async with store.write(isolation="repeatable_read") as reader:
        rows = await reader.fetch(
            "SELECT id, temporal_workflow_id, temporal_run_id, status, is_final, sync_status, next_sync_at, "
            "next_sync_at < clock_timestamp() - interval '30 seconds' AS is_forgotten FROM workflow_executions"
        )
        pages = await reader.fetch("SELECT execution_id, data FROM history_pages ORDER BY execution_id, first_event_id")
        signals = await reader.fetch(
            "SELECT e.temporal_workflow_id, c.input FROM component_executions c JOIN workflow_executions e "
            "ON e.project_id = c.project_id AND e.id = c.execution_id WHERE c.kind = 'signal' AND c.name = 'step'"
        )
        found.units = await reader.fetchval("SELECT count(*) FROM component_executions")
    stored: dict[Any, list[bytes]] = {}
    for page in pages:
        stored.setdefault(page["execution_id"], []).extend(told(unpack_events(page["data"])))
    by_run = {row["temporal_run_id"]: row for row in rows}
    found.runs = len(rows)
    found.doubled = [] if len(by_run) == len(rows) else ["more rows than runs"]
    ids = {row["temporal_workflow_id"] for row in rows}
    found.lost = [run_id for run_id in listed if run_id not in by_run]
    found.lost += sorted(load.runs - ids)
    for run_id, row in by_run.items():
        events = settled.get(run_id)
        if events is None:
            handle = client.get_workflow_handle(row["temporal_workflow_id"], run_id=run_id)
            events = told([event async for event in handle.fetch_history_events()])
            if run_id in listed and listed[run_id].close_time is not None:
                settled[run_id] = events
        found.events += len(events)
        if stored.get(row["id"], []) != events:
            has, state = len(stored.get(row["id"], [])), f"{row['status']}, {row['sync_status']}"
            found.wrong.append(
                f"{row['temporal_workflow_id']} {run_id} ({state}): {has} events stored, {len(events)} in Temporal"
            )
        if not row["is_final"] and (row["next_sync_at"] is None or row["is_forgotten"]):
            found.stuck.append(f"{row['temporal_workflow_id']} {run_id}: {row['sync_status']}")
    texts = {(row["temporal_workflow_id"], bytes(row["input"] or b"")) for row in signals}
    for workflow_id, name in load.signals:
        times = sum(1 for known, text in texts if known == workflow_id and f'"{name}"'.encode() in text)
        if times != 1:
            (found.lost if times == 0 else found.doubled).append(f"{workflow_id}: signal {name} is there {times} times")
    async with store.write() as reader:
        unowned = await count_unowned(reader)
    if unowned.nobodys:
        found.stuck.append(f"{unowned.nobodys} runs are nobody's to copy")
    await compare_built(store, people, found)
    return found


def told(events: Sequence[HistoryEvent]) -> list[bytes]:
    """Each event as its own bytes, without those at the end that the server may still replace."""
    end = len(events)
    while end and events[end - 1].event_type in _MAY_BE_REPLACED:
        end -= 1
    return [event.SerializeToString(deterministic=True) for event in events[:end]]


async def check_rows(store: Store, found: Compared) -> None:
    """Rows equal a fresh parse of the stored history, and totals equal recomputation."""
    try:
        await assert_totals_equal_recomputation(store)
    except AssertionError as error:
        found.drift.append(str(error)[:500])
    try:
        await assert_nothing_half_done(store)
    except AssertionError as error:
        found.wrong.append(f"half done: {str(error)[:500]}")
    before = await derived_rows(store)
    async with store.write() as reader:
        keys = [
            ExecutionKey(row["project_id"], row["id"])
            for row in await reader.fetch("SELECT project_id, id FROM workflow_executions WHERE synced_event_id > 0")
        ]
    for start in range(0, len(keys), 50):
        done = await rederive(store, keys[start : start + 50], below=PARSE_VERSION + 1)
        found.wrong += list(done.left.values())
    after = await derived_rows(store)
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            found.wrong.append(f"{key}: a fresh parse says otherwise: {differing(before.get(key), after.get(key))}")
    try:
        await assert_nothing_half_done(store)
    except AssertionError as error:
        found.drift.append(f"after a fresh parse: {str(error)[:500]}")


async def copies_after(store: Store, client: Client, *, last_fault: datetime) -> list[Late]:
    """The copies made after the last fault: how long each took from when its run had ended, and the faults too."""
    ended = {run.run_id: run.close_time async for run in client.list_workflows("CloseTime IS NOT NULL")}
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT id, temporal_workflow_id, temporal_run_id, synced_at FROM workflow_executions WHERE is_final"
        )
    return [
        Late(
            row["id"],
            row["temporal_workflow_id"],
            (row["synced_at"] - max(ended[row["temporal_run_id"]] or last_fault, last_fault)).total_seconds(),
        )
        for row in rows
        if row["temporal_run_id"] in ended and row["synced_at"] >= last_fault.astimezone(UTC)
    ]
