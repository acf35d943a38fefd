"""Who did what."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.shapes.audit import (
    AuditInput,
    AuditLine,
    AuditLines,
    AuditPeople,
    AuditThing,
    InstallationAuditInput,
)
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.trpc.router import Router
from watchglass.errors import InvalidInput
from watchglass.model.permission import Permission
from watchglass.store.audit import Wanted, read_installation_lines, read_lines, read_people
from watchglass.store.audit_things import Thing, read_things
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.projects import project_exists
from watchglass.store.summaries import Row

router: Router[Context] = Router()


@router.query("audit.list", permission=Permission.LOOK)
async def list_lines(context: Context, input: AuditInput) -> AuditLines:
    """What was done in a project, newest first."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        wanted = Wanted(input.kind, input.by)
        rows = await read_lines(reader, input.project_id, wanted, before=_before(input.cursor), limit=input.limit + 1)
        things = await read_things(reader, input.project_id, rows[: input.limit])
    return _page(rows, input.limit, things)


@router.query("audit.people", permission=Permission.LOOK)
async def list_people(context: Context, input: ProjectIdInput) -> AuditPeople:
    """Who did something in a project lately, by name."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        return AuditPeople(names=await read_people(reader, input.project_id))


@router.query("audit.installation", permission=Permission.ADMINISTER)
async def list_installation_lines(context: Context, input: InstallationAuditInput) -> AuditLines:
    """Who signed in, and what was done to people and their tokens, newest first."""
    async with context.store.read_as(context.principal) as reader:
        rows = await read_installation_lines(
            reader, kind=input.kind, before=_before(input.cursor), limit=input.limit + 1
        )
    return _page(rows, input.limit, {})


def _page(rows: Sequence[Row], limit: int, things: Mapping[UUID, Thing]) -> AuditLines:
    page = rows[:limit]
    last = page[-1] if len(rows) > limit else None
    return AuditLines(
        items=[_line(row, things.get(row["id"])) for row in page],
        next_cursor=write_cursor("a", [last["at"].isoformat(), str(last["id"])]) if last else None,
    )


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    at, line_id = read_cursor("a", cursor, types=(str, str))
    try:
        return datetime.fromisoformat(at), UUID(line_id)
    except ValueError as error:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.") from error


def _line(row: Row, thing: Thing | None) -> AuditLine:
    return AuditLine(
        id=str(row["id"]),
        at=row["at"],
        by=row["user_name"],
        action=row["action"],
        target=row["target"],
        about=AuditThing(kind=thing.kind, id=thing.id) if thing else None,
        details=json.loads(row["details"]),
    )
