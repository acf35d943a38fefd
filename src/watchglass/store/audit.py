"""Who did what. Lines are added in the transaction of what they tell of, and never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from watchglass.model.project import Principal
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.text import storable

Action = Literal[
    "backfill.cancel",
    "backfill.start",
    "connection.create",
    "connection.decode",
    "connection.update",
    "execution.tryAgain",
    "service.test",
    "sync.tryAgainAll",
    "workflow.level",
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
    "retention.change",
]

COMMAND_LINE = "command line"
"""What a line says that was added by nobody who is signed in."""


async def add_line(
    writer: Writer,
    *,
    project_id: UUID,
    by: Principal | None,
    action: Action,
    target: object,
    details: Mapping[str, Any] | None = None,
) -> None:
    """`by` is None for somebody at the command line.

    `target` is the id of what it was done to; `details` is JSON without secrets.
    """
    await writer.execute(
        """
        INSERT INTO audit_log (project_id, user_id, user_name, action, target, details)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        project_id,
        None if by is None else by.user_id,
        COMMAND_LINE if by is None else by.name,
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


KINDS: Mapping[str, tuple[str, ...]] = {
    "runs": (
        "workflow.run",
        "execution.cancel",
        "execution.terminate",
        "execution.approve",
        "execution.reject",
        "execution.tryAgain",
        "sync.tryAgainAll",
        "execution.erase",
    ),
    "workflows": (
        "workflow.create",
        "workflow.register",
        "workflow.level",
        "version.save",
        "component.register",
        "component.remove",
    ),
    "settings": (
        "project.create",
        "project.update",
        "connection.create",
        "connection.update",
        "connection.decode",
        "backfill.start",
        "backfill.cancel",
        "service.create",
        "service.update",
        "service.remove",
        "service.networks",
        "service.test",
        "privacy.rules",
        "privacy.redact",
        "retention.change",
    ),
    "members": ("member.add", "member.update", "member.remove"),
    "values": ("values.see",),
}
"""Actions by what people look for."""


_LINES = """
    SELECT id, at, user_name, action, target, details FROM audit_log
    WHERE project_id = $1 AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3::uuid))
      AND {chosen} AND ($6::text IS NULL OR user_name = $6)
    ORDER BY at DESC, id DESC LIMIT $4
"""
_CHANGES = "action <> 'values.see' AND $5::text[] IS NULL"
"""As the index of changes has it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; without a kind all but those of values that were seen."""

    kind: str | None = None
    by: str | None = None
    """The name of a person."""


async def read_lines(
    reader: Reader,
    project_id: UUID,
    wanted: Wanted,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """The newest first, from the first one before a line's time and id."""
    at, line_id = before or (None, None)
    return list(
        await reader.fetch(
            _LINES.format(chosen="action = ANY ($5)" if wanted.kind else _CHANGES),
            project_id,
            at,
            line_id,
            limit,
            list(KINDS[wanted.kind]) if wanted.kind else None,
            wanted.by,
        )
    )


async def read_people(reader: Reader, project_id: UUID) -> list[str]:
    """Who did the newest two thousand things, by name."""
    rows = await reader.fetch(
        """
        SELECT DISTINCT user_name FROM (
            SELECT user_name FROM audit_log WHERE project_id = $1 ORDER BY at DESC, id DESC LIMIT 2000
        ) newest ORDER BY user_name
        """,
        project_id,
    )
    return [row["user_name"] for row in rows]


INSTALLATION_KINDS: Mapping[str, tuple[str, ...]] = {
    "signIns": ("session.open", "session.end"),
    "people": ("user.create", "user.update", "user.password", "user.link"),
    "tokens": ("token.create", "token.revoke"),
}
"""Actions of the installation's log by what people look for; triggers write them."""


async def read_installation_lines(
    reader: Reader, *, kind: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """What was done to people and their tokens, newest first; nothing for who is no administrator."""
    at, line_id = before or (None, None)
    actions = list(INSTALLATION_KINDS[kind]) if kind else None
    lines = await reader.fetch("SELECT * FROM app.installation_lines($1, $2, $3, $4)", at, line_id, limit, actions)
    return list(lines)


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
