"""What lines of the audit log are about, as far as it still exists."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

Kind = Literal["execution", "workflow", "connection", "service", "component", "member", "project"]

_KINDS: Mapping[str, Kind] = {
    "execution": "execution",
    "values": "execution",
    "workflow": "workflow",
    "version": "workflow",
    "connection": "connection",
    "service": "service",
    "component": "component",
    "member": "member",
    "project": "project",
    "privacy": "project",
    "sync": "project",
}
"""By the noun of an action: what its target is the id of."""
_OF_THE_PROJECT = frozenset({"service.networks"})
"""Their target is the project, whatever their noun says."""
_OF_NOTHING = frozenset({"execution.erase"})
"""Their target is the digest of something that is gone."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be opened."""

    kind: Kind
    id: str


async def read_things(reader: Reader, project_id: UUID, lines: Sequence[Row]) -> dict[UUID, Thing]:
    """By the lines' ids; without those of what is there no more.

    What was a run that somebody started is that run once it has been copied, and its workflow until then.
    """
    runs = await _started_runs(reader, project_id, lines)
    connections = await _connections_of_backfills(reader, project_id, lines)
    named: dict[UUID, list[Thing]] = {
        line["id"]: [
            *runs.get(line["id"], ()),
            *connections.get(line["target"], ()),
            *_target(line),
        ]
        for line in lines
    }
    there = await _existing(reader, project_id, {thing for things in named.values() for thing in things})
    found = {line_id: next((thing for thing in things if thing in there), None) for line_id, things in named.items()}
    return {line_id: thing for line_id, thing in found.items() if thing is not None}


def _target(line: Row) -> list[Thing]:
    action: str = line["action"]
    kind = "project" if action in _OF_THE_PROJECT else _KINDS.get(action.partition(".")[0])
    return [] if kind is None or action in _OF_NOTHING else [Thing(kind, line["target"])]


async def _started_runs(reader: Reader, project_id: UUID, lines: Sequence[Row]) -> dict[UUID, list[Thing]]:
    started: dict[UUID, str] = {}
    for line in lines:
        run_id = json.loads(line["details"]).get("temporalRunId") if line["action"] == "workflow.run" else None
        if isinstance(run_id, str):
            started[line["id"]] = run_id
    if not started:
        return {}
    rows = await reader.fetch(
        """
        SELECT k.temporal_run_id, k.execution_id FROM connections c
        JOIN execution_keys k ON k.connection_id = c.id AND k.temporal_run_id = ANY ($2::text[])
        WHERE c.project_id = $1 AND k.project_id = $1
        """,
        project_id,
        list(started.values()),
    )
    executions = {row["temporal_run_id"]: Thing("execution", str(row["execution_id"])) for row in rows}
    return {line_id: [executions[run_id]] for line_id, run_id in started.items() if run_id in executions}


async def _connections_of_backfills(reader: Reader, project_id: UUID, lines: Sequence[Row]) -> dict[str, list[Thing]]:
    """By the backfills' ids."""
    backfills = {line["target"] for line in lines if line["action"].startswith("backfill.")}
    if not backfills:
        return {}
    rows = await reader.fetch(
        "SELECT id, connection_id FROM backfills WHERE project_id = $1 AND id = ANY ($2::uuid[])",
        project_id,
        _ids(backfills),
    )
    return {str(row["id"]): [Thing("connection", str(row["connection_id"]))] for row in rows}


_EXISTING = """
    SELECT 'execution' AS kind, id::text FROM workflow_executions WHERE project_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'workflow', id::text FROM workflows WHERE project_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'connection', id::text FROM connections WHERE project_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'service', id::text FROM services WHERE project_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'member', user_id::text FROM project_members WHERE project_id = $1 AND user_id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'component', type FROM components WHERE project_id = $1 AND type = ANY ($3::text[])
"""


async def _existing(reader: Reader, project_id: UUID, things: set[Thing]) -> set[Thing]:
    if not things:
        return set()
    ids = _ids({thing.id for thing in things if thing.kind != "component"})
    types = [thing.id for thing in things if thing.kind == "component"]
    rows = await reader.fetch(_EXISTING, project_id, ids, types)
    # Whoever reads its log sees that the project exists.
    return {Thing(row["kind"], row["id"]) for row in rows} | {thing for thing in things if thing.kind == "project"}


def _ids(texts: set[str]) -> list[UUID]:
    """Those that are ids: a line may be older than what a target is today."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
