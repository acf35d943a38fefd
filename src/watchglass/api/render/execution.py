"""One execution with everything that is known of it, from its rows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from temporalio.api.common.v1 import Memo

from watchglass.api.render.failure import render_failure
from watchglass.api.render.payload import render_memo, render_values
from watchglass.api.render.summary import summary_fields
from watchglass.api.render.times import time_of
from watchglass.api.shapes.execution import (
    CallerLink,
    ChainLink,
    ExecutionDetails,
    LifecycleEvent,
    RunLink,
    RunTimeouts,
)
from watchglass.api.shapes.payload import SearchAttribute
from watchglass.model.component import Values
from watchglass.store.failures import failure_from_json
from watchglass.store.summaries import Row

VALUE_BYTES = 64 * 1024
"""How much text of a run's own input and result its page is sent; the whole is asked for apart."""
Runs = Mapping[str, Row]
"""Copied runs (`id`, `status`, `started_at`) by run id."""


def linked_run_ids(row: Row) -> list[str | None]:
    """Every other run that the execution's page links to."""
    return [row["parent_run_id"], row["root_run_id"], *(run_id for _, run_id in _chain_ids(row))]


def caller_of(row: Row) -> tuple[str, str] | None:
    """Namespace and run id of the run whose Nexus operation started this one."""
    if row["called_by"] is None:
        return None
    namespace, _, run_id, _ = json.loads(row["called_by"])
    return namespace, run_id


def render_execution(
    row: Row, *, given: Values | None, result: Values | None, attributes: Sequence[Row], runs: Runs
) -> ExecutionDetails:
    """`given` and `result` are the run's own values, read from the history where the row does not hold them."""
    return ExecutionDetails(
        **summary_fields(row),
        **_links(row, runs),
        project_id=str(row["project_id"]),
        connection_id=str(row["connection_id"]),
        namespace=row["namespace"],
        input=render_values(given, limit=VALUE_BYTES),
        result=render_values(result, limit=VALUE_BYTES),
        failure=render_failure(failure_from_json(row["failure"])),
        lifecycle=_lifecycle(row["lifecycle"]),
        memo=render_memo(read_memo(row["memo"]), limit=VALUE_BYTES),
        search_attributes=_attributes(attributes),
        schedule_id=row["schedule_id"],
        attempt=row["run_attempt"],
        build_id=row["build_id"],
        deployment=row["deployment_name"],
        versioning=row["versioning"],
        origin=row["origin"],
        stopped_by_reset=row["stopped_by_reset"],
        called_by=_caller(row["called_by"], runs),
        timeouts=_timeouts(row["timeouts"]),
        history_length=row["history_length"],
        history_bytes=row["history_bytes"] or 0,
        unknown_event_count=row["unknown_event_count"],
        codec_address=row["codec_address"],
        decode_error=row["decode_error"],
        temporal_url=_temporal_url(row),
    )


def _links(row: Row, runs: Runs) -> dict[str, Any]:
    return {
        "parent": _run_link(row["parent_workflow_id"], row["parent_run_id"], runs),
        "root": _run_link(row["root_workflow_id"], row["root_run_id"], runs),
        "chain": [_chain_link(relation, run_id, runs) for relation, run_id in _chain_ids(row)],
        "is_retried": row["is_retried"],
        "superseded_by": row["superseded_by"],
    }


def _caller(text: str | None, runs: Runs) -> CallerLink | None:
    if text is None:
        return None
    namespace, workflow_id, run_id, event_id = json.loads(text)
    known = runs.get(run_id)
    return CallerLink(
        namespace=namespace,
        execution_id=str(known["id"]) if known else None,
        temporal_workflow_id=workflow_id,
        temporal_run_id=run_id,
        event_id=event_id,
    )


def _run_link(workflow_id: str | None, run_id: str | None, runs: Runs) -> RunLink | None:
    if workflow_id is None or run_id is None:
        return None
    known = runs.get(run_id)
    return RunLink(
        execution_id=str(known["id"]) if known else None, temporal_workflow_id=workflow_id, temporal_run_id=run_id
    )


def _chain_ids(row: Row) -> list[tuple[Any, str]]:
    first = row["first_run_id"]
    named = [
        ("first", None if first == row["temporal_run_id"] else first),
        ("previous", row["continued_from_run_id"]),
        ("next", row["continued_to_run_id"]),
        ("replacement", row["superseded_by"]),
    ]
    return [(relation, run_id) for relation, run_id in named if run_id]


def _chain_link(relation: Any, run_id: str, runs: Runs) -> ChainLink:
    known = runs.get(run_id)
    return ChainLink(
        relation=relation,
        execution_id=str(known["id"]) if known else None,
        temporal_run_id=run_id,
        status=known["status"] if known else None,
        started_at=known["started_at"] if known else None,
    )


def _lifecycle(text: str) -> list[LifecycleEvent]:
    return [
        LifecycleEvent(event_id=event_id, type=kind, at=time_of(at), by=by, reason=reason)
        for event_id, kind, at, by, reason in json.loads(text)
    ]


def read_memo(data: bytes | None) -> dict[str, bytes]:
    """Serialised `Payload` by name, in the names' order, as a row holds them."""
    fields = Memo.FromString(data or b"").fields
    return {name: fields[name].SerializeToString() for name in sorted(fields)}


def _timeouts(text: str | None) -> RunTimeouts:
    execution, run, task = json.loads(text) if text else (None, None, None)
    return RunTimeouts(execution_ms=execution, run_ms=run, task_ms=task)


def _attributes(rows: Sequence[Row]) -> dict[str, SearchAttribute]:
    values: dict[str, list[Any]] = {}
    types = {row["name"]: row["type"] for row in rows}
    for row in rows:
        values.setdefault(row["name"], []).append(_attribute(row))
    return {
        name: SearchAttribute(type=types[name], text=_json(found if types[name] == "KeywordList" else found[0]))
        for name, found in values.items()
    }


def _attribute(row: Row) -> Any:
    if row["time_value"] is not None:
        return row["time_value"].isoformat().replace("+00:00", "Z")
    columns = ("text_value", "int_value", "double_value", "bool_value")
    return next((row[column] for column in columns if row[column] is not None), None)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _temporal_url(row: Row) -> str | None:
    base = row["ui_address"]
    if not base or not base.startswith(("http://", "https://")):
        return None
    parts = ("namespaces", row["namespace"], "workflows", row["temporal_workflow_id"], row["temporal_run_id"])
    return "/".join([base.rstrip("/"), *(quote(part, safe="") for part in parts), "history"])
