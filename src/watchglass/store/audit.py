"""Who did what. Lines are added in the transaction of what they tell of, and never changed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from watchglass.model.project import Principal
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.text import storable

Action = Literal[
    "workflow.create",
    "workflow.register",
    "workflow.run",
    "version.save",
    "execution.cancel",
    "execution.terminate",
    "execution.approve",
    "execution.reject",
    "service.create",
    "service.update",
    "service.remove",
    "service.networks",
    "component.register",
    "component.remove",
    "execution.erase",
    "privacy.rules",
    "privacy.redact",
]

COMMAND_LINE = "command line"


async def add_line(
    writer: Writer,
    *,
    project_id: UUID,
    by: Principal | None,
    action: Action,
    target: object,
    details: Mapping[str, Any] | None = None,
) -> None:
    """`target` is the id of what it was done to; `details` is JSON without secrets; `by`: None for a command line."""
    await writer.execute(
        """
        INSERT INTO audit_log (project_id, user_id, user_name, action, target, details)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        project_id,
        by.user_id if by else None,
        by.name if by else COMMAND_LINE,
        action,
        storable(str(target)),
        json.dumps(
            {name: storable(value) if isinstance(value, str) else value for name, value in (details or {}).items()}
        ),
    )


async def add_values_seen(writer: Writer, run: Row, *, by: Principal) -> None:
    """Somebody has seen values of a run; there is one line for each person, run and hour."""
    await writer.execute(
        """
        INSERT INTO audit_log (project_id, user_id, user_name, action, target, details)
        VALUES ($1, $2, $3, 'values.see', $4, $5)
        ON CONFLICT (project_id, user_id, target, date_trunc('hour', at AT TIME ZONE 'UTC'))
            WHERE action = 'values.see' DO NOTHING
        """,
        run["project_id"],
        by.user_id,
        by.name,
        str(run["id"]),
        json.dumps({"temporalWorkflowId": storable(run["temporal_workflow_id"])}),
    )


async def read_lines(
    reader: Reader, project_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """The newest first, from the first one before a line's time and id."""
    at, line_id = before or (None, None)
    return list(
        await reader.fetch(
            """
            SELECT id, at, user_name, action, target, details FROM audit_log
            WHERE project_id = $1 AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3::uuid))
            ORDER BY at DESC, id DESC LIMIT $4
            """,
            project_id,
            at,
            line_id,
            limit,
        )
    )


async def has_run(reader: Reader, project_id: UUID, temporal_workflow_id: str) -> bool:
    """Was a run with this id ever started here?"""
    return bool(
        await reader.fetchval(
            """
            SELECT EXISTS (SELECT FROM audit_log WHERE project_id = $1 AND action = 'workflow.run'
                           AND details ->> 'temporalWorkflowId' = $2)
            """,
            project_id,
            temporal_workflow_id,
        )
    )
