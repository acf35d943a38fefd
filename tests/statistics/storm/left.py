"""What is stored when a storm is over: every run as Temporal has it, and its rows as its history says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from temporalio.api.history.v1 import HistoryEvent
from tests.acceptance.derived import derived_rows, differing
from tests.acceptance.soundness import assert_nothing_half_done
from tests.statistics.storm.journal import Heard
from tests.statistics.storm.served import RecordedTemporal

from watchglass.parse import PARSE_VERSION
from watchglass.parse.trailing import same_event
from watchglass.statistics.fold import fold
from watchglass.store.history_pages import unpack_events
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.rederive import rederive

_BATCH = 50


async def fold_all(store: Store, projects: Sequence[UUID]) -> int:
    """Fold until nothing is left to be folded; return how many notes are there all the same."""
    for project_id in projects:
        while await fold(store, project_id):
            pass
    async with store.write() as reader:
        return int(
            await reader.fetchval(
                "SELECT (SELECT count(*) FROM run_changes WHERE project_id = ANY ($1::uuid[])) "
                "+ (SELECT count(*) FROM component_changes WHERE project_id = ANY ($1::uuid[]))",
                projects,
            )
        )


@dataclass(frozen=True, slots=True)
class Stored:
    runs: int
    components: int
    events: int


async def compare_copies(store: Store, temporal: RecordedTemporal, heard: Heard, differences: list[str]) -> Stored:
    """Each stored history is Temporal's own, and each run is stored unless it was erased."""
    async with store.write(isolation="repeatable_read") as reader:
        rows = await reader.fetch(
            "SELECT project_id, id, temporal_workflow_id, temporal_run_id, sync_status FROM workflow_executions"
        )
        pages = await reader.fetch(
            "SELECT execution_id, data, is_redacted FROM history_pages ORDER BY execution_id, first_event_id"
        )
        components = int(await reader.fetchval("SELECT count(*) FROM component_executions"))
        projects = [str(row["project_id"]) for row in await reader.fetch("SELECT project_id FROM connections")]
    stored: dict[UUID, list[_Event]] = {}
    for page in pages:
        events = [_Event(event, page["is_redacted"]) for event in unpack_events(page["data"])]
        stored.setdefault(page["execution_id"], []).extend(events)
    for row in rows:
        run = temporal.runs[row["temporal_run_id"]]
        found = stored.get(row["id"], [])
        # Of one that is gone nobody can say any more how much there was to be copied.
        if not run.is_gone and not _are_same(found, run.kept):
            name = f"{row['temporal_workflow_id']} {row['temporal_run_id']} ({row['sync_status']})"
            differences.append(f"history of {name}: {len(found)} events stored, {len(run.kept)} in Temporal")
    known = {(str(row["project_id"]), row["temporal_run_id"]) for row in rows}
    for project_id in projects:
        for run_id, run in temporal.runs.items():
            ids = {(project_id, run_id), (project_id, run.told.workflow_id)}
            if (project_id, run_id) in known and ids & heard.erased:
                differences.append(f"{run.told.workflow_id} {run_id} was erased, and is there")
            elif (project_id, run_id) not in known and not run.is_gone and not ids & heard.erasing:
                differences.append(f"{run.told.workflow_id} {run_id} is not there")
    return Stored(len(rows), components, sum(map(len, stored.values())))


@dataclass(frozen=True, slots=True)
class _Event:
    event: HistoryEvent
    may_be_redacted: bool


def _are_same(found: Sequence[_Event], right: Sequence[HistoryEvent]) -> bool:
    return len(found) == len(right) and all(
        same_event(one.event, other) and (one.may_be_redacted or _bytes(one.event) == _bytes(other))
        for one, other in zip(found, right, strict=True)
    )


def _bytes(event: HistoryEvent) -> bytes:
    return event.SerializeToString(deterministic=True)


async def compare_fresh_parse(store: Store, differences: list[str], copies: list[str]) -> None:
    """Rows are what today's rules say of the stored history, and stay what they are when they are derived again.

    Whose a run is, and that workflow's rules, may have changed since it was derived: what is said of its nodes is
    compared the second time only.
    """
    await _sound(store, differences)
    before = {name: _without_nodes(row) for name, row in (await derived_rows(store)).items()}
    for turn in range(2):
        await _derive_all(store, copies)
        await _sound(store, differences)
        after = await derived_rows(store)
        moved = {
            name.rpartition(" ")[2]
            for name, row in after.items()
            if name.startswith("workflow_executions ") and _owner(before.get(name)) != _owner(row)
        }
        for name in sorted(before.keys() | after.keys()):
            is_moved = not turn and name.split(" ")[1] in moved
            now = after.get(name)
            if not turn and now is not None:
                now = _without_nodes(now)
            if not is_moved and before.get(name) != now:
                copies.append(f"{name}: a fresh parse says otherwise: {differing(before.get(name), now)}")
        before = after


def _without_nodes(row: dict[str, object]) -> dict[str, object]:
    steps = {
        name: json.loads(step) for name in ("current_step", "failed_step") if isinstance(step := row.get(name), str)
    }
    return row | {"node_id": None} | {name: [*step[:1], None, *step[2:]] for name, step in steps.items()}


def _owner(row: dict[str, object] | None) -> tuple[object, ...]:
    return () if row is None else (row["workflow_id"],)


async def _derive_all(store: Store, differences: list[str]) -> None:
    async with store.write() as reader:
        rows = await reader.fetch(
            "SELECT project_id, id FROM workflow_executions WHERE synced_event_id > 0 ORDER BY project_id, id"
        )
    keys = [ExecutionKey(row["project_id"], row["id"]) for row in rows]
    for start in range(0, len(keys), _BATCH):
        done = await rederive(store, keys[start : start + _BATCH], below=PARSE_VERSION + 1)
        differences += list(done.left.values())


async def _sound(store: Store, differences: list[str]) -> None:
    try:
        await assert_nothing_half_done(store)
    except AssertionError as error:
        differences.append(f"half done: {str(error)[:1500]}")
