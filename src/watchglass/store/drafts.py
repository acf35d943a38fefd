"""Drafts: what is being drawn, one of each built workflow, saved as it is edited."""

import json
from typing import Any
from uuid import UUID

from watchglass.errors import Conflict
from watchglass.model.project import Principal
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row

GraphJson = dict[str, Any]
"""A `Graph` as JSON."""


async def insert_draft(writer: Writer, *, project_id: UUID, workflow_id: UUID, graph: GraphJson, by: Principal) -> None:
    """The first draft of a workflow, revision 1."""
    await writer.execute(
        """
        INSERT INTO workflow_drafts (project_id, workflow_id, graph, revision, updated_by, updated_by_name)
        VALUES ($1, $2, $3, 1, $4, $5)
        """,
        project_id,
        workflow_id,
        json.dumps(graph),
        by.user_id,
        by.name,
    )


async def read_draft(reader: Reader, workflow_id: UUID) -> Row | None:
    """The workflow and its draft: `revision` is NULL where nothing is drawn, because it was observed or registered.

    `base_graph` is the version that the draft was last equal to.
    """
    return await reader.fetchrow(
        """
        SELECT w.project_id, w.id AS workflow_id, w.name, w.kind, d.graph, d.revision, d.based_on, d.updated_at,
            d.updated_by_name, base.graph AS base_graph,
            (SELECT max(version) FROM workflow_versions v
             WHERE v.project_id = w.project_id AND v.workflow_id = w.id) AS latest_version
        FROM workflows w
        LEFT JOIN workflow_drafts d ON d.project_id = w.project_id AND d.workflow_id = w.id
        LEFT JOIN workflow_versions base
            ON base.project_id = d.project_id AND base.workflow_id = d.workflow_id AND base.version = d.based_on
        WHERE w.id = $1
        """,
        workflow_id,
    )


async def lock_draft(writer: Writer, *, project_id: UUID, workflow_id: UUID, revision: int) -> int | None:
    """Have nobody else change the draft until this transaction ends. Returns the version that it was last equal to.

    Raises:
        Conflict: the draft is no longer at that revision; the sentence says who saved it and when.
    """
    row = await writer.fetchrow(
        "SELECT revision, based_on, updated_at, updated_by_name FROM workflow_drafts "
        "WHERE project_id = $1 AND workflow_id = $2 FOR UPDATE",
        project_id,
        workflow_id,
    )
    assert row is not None, "the draft was read a moment ago, and drafts are not removed"
    refuse_stale(row, revision)
    based_on: int | None = row["based_on"]
    return based_on


def refuse_stale(row: Row, revision: int) -> None:
    """Raises Conflict unless the draft that was read is at that revision."""
    if row["revision"] != revision:
        raise Conflict(
            f"{row['updated_by_name'] or 'Somebody'} saved this draft at {row['updated_at']:%H:%M:%S} UTC on "
            f"{row['updated_at']:%d %B %Y}, after you had loaded it. Your changes are not saved: load the draft again, "
            "and compare before you save."
        )


async def update_draft(writer: Writer, *, project_id: UUID, workflow_id: UUID, graph: GraphJson, by: Principal) -> Row:
    """Replace a locked draft. Returns its new `revision` and `updated_at`."""
    row = await writer.fetchrow(
        """
        UPDATE workflow_drafts SET graph = $3, revision = revision + 1, updated_at = clock_timestamp(),
            updated_by = $4, updated_by_name = $5
        WHERE project_id = $1 AND workflow_id = $2 RETURNING revision, updated_at
        """,
        project_id,
        workflow_id,
        json.dumps(graph),
        by.user_id,
        by.name,
    )
    assert row is not None
    return row


async def base_draft(writer: Writer, *, project_id: UUID, workflow_id: UUID, version: int) -> None:
    """The locked draft equals that version now."""
    await writer.execute(
        "UPDATE workflow_drafts SET based_on = $3 WHERE project_id = $1 AND workflow_id = $2",
        project_id,
        workflow_id,
        version,
    )
