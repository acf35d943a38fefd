"""Runs of built workflows after the storm: each step once with its one result, and what was acknowledged happened."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from tests.chaos.compared import Compared
from tests.chaos.drawn import Drawn, drawn_of
from tests.chaos.people import People

from watchglass.parse.payload import read_payloads
from watchglass.store.scope import Store

_OURS = ("stamp", "stumble")


async def compare_built(store: Store, people: People, found: Compared) -> None:
    """Add what is wrong with the runs of built workflows."""
    async with store.write(isolation="repeatable_read") as reader:
        runs = await reader.fetch(
            "SELECT id, temporal_workflow_id, status, is_final, result FROM workflow_executions "
            "WHERE temporal_workflow_id LIKE 'built-%'"
        )
        rows = await reader.fetch(
            "SELECT c.execution_id, c.node_id, c.iteration, c.status, c.output FROM component_executions c "
            "JOIN workflow_executions e ON e.project_id = c.project_id AND e.id = c.execution_id "
            "WHERE e.temporal_workflow_id LIKE 'built-%' AND c.kind = 'activity' AND c.name = ANY ($1)",
            _OURS,
        )
        lines = await reader.fetch(
            "SELECT action, details->>'temporalWorkflowId' AS run FROM audit_log WHERE details ? 'temporalWorkflowId'"
        )
    steps: Mapping[Any, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        steps[row["execution_id"]].append(row)
    by_id = {row["temporal_workflow_id"]: row for row in runs}
    found.built_runs, found.built_steps = len(runs), len(rows)
    found.lost += [f"{id}: its start was acknowledged" for id in people.started if id not in by_id]
    for id, execution_id in people.started.items():
        if id in by_id and execution_id is not None and str(by_id[id]["id"]) != execution_id:
            found.wrong.append(f"{id}: {execution_id} was answered, {by_id[id]['id']} is stored")
    for id, run in by_id.items():
        drawn = drawn_of(id)
        if drawn is None:
            found.wrong.append(f"{id}: nobody has drawn this")
            continue
        _compare_end(id, run, drawn, people, found)
        _compare_steps(id, run, drawn, steps[run["id"]], found)
    _compare_audit(people, lines, found)


def _compare_end(id: str, run: asyncpg.Record, drawn: Drawn, people: People, found: Compared) -> None:
    if drawn.is_endless:
        wanted = "cancelled" if id in people.cancelled else None
    else:
        wanted = None if drawn.is_asked and id not in people.approved else "completed"
    if wanted is not None and not run["is_final"]:
        found.stuck.append(f"{id}: still {run['status']}")
    elif wanted is not None and run["status"] != wanted:
        found.wrong.append(f"{id}: {run['status']}, and should be {wanted}")
    elif run["status"] == "completed" and _values(run["result"]) != [drawn.result]:
        found.wrong.append(f"{id}: came to {_values(run['result'])}")
    elif run["status"] not in ("running", "pending", "completed", "cancelled"):
        found.wrong.append(f"{id}: {run['status']}")


def _compare_steps(id: str, run: asyncpg.Record, drawn: Drawn, rows: Sequence[asyncpg.Record], found: Compared) -> None:
    seen: dict[tuple[str, tuple[int, ...]], list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        seen[row["node_id"], tuple(row["iteration"] or ())].append(row)
    for place, done in seen.items():
        if len(done) > 1:
            found.doubled.append(f"{id}: step {place} is there {len(done)} times")
        if place not in drawn.steps:
            found.wrong.append(f"{id}: nobody has drawn step {place}")
        elif done[0]["status"] == "completed" and _values(done[0]["output"]) != [drawn.steps[place]]:
            found.wrong.append(f"{id}: step {place} came to {_values(done[0]['output'])}")
    if run["status"] == "completed":
        missing = [place for place in drawn.steps if [row["status"] for row in seen[place]] != ["completed"]]
        found.lost += [f"{id}: completed without step {place}" for place in missing]


def _compare_audit(people: People, lines: Sequence[asyncpg.Record], found: Compared) -> None:
    """What was answered with success is written down."""
    told = {(row["action"], row["run"]) for row in lines}
    done = [("workflow.run", id) for id, execution_id in people.started.items() if execution_id is not None]
    done += [("execution.approve", id) for id in people.approved]
    done += [("execution.cancel", id) for id in people.cancelled]
    found.lost += [f"{id}: no line in the audit log of {action}" for action, id in done if (action, id) not in told]


def _values(data: bytes | None) -> list[Any]:
    if data is None:
        return []
    return [json.loads(value.text) if value.text is not None else None for value in read_payloads(data, limit=None)]
