"""How long a project keeps its runs."""

from datetime import timedelta
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.rights import require_member, require_owner
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.retention import Removal, Retention, RetentionAsked, RetentionSaved
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.model.project import Role
from watchglass.store.retention import read_removal, read_retention
from watchglass.sync.keep_runs import keep_runs

router: Router[Context] = Router()
_COUNT_SECONDS = timedelta(seconds=60)


@router.query("retention.get", permission=Permission.LOOK)
async def get_retention(context: Context, input: ProjectIdInput) -> Retention:
    """How long the project keeps its runs, and how far they were removed."""
    return await _shown(context, input.project_id)


@router.query("retention.preview", permission=Permission.OWN, timeout=_COUNT_SECONDS, is_large=True)
async def preview(context: Context, input: RetentionAsked) -> Removal:
    """What would go if runs were kept for so many days. Nothing changes."""
    async with context.store.read_as(context.principal) as reader:
        await require_owner(reader, context.principal, input.project_id, otherwise="project")
        found = await read_removal(reader, input.project_id, input.keep_days)
    return Removal(
        runs=found.runs,
        runs_are_exact=found.is_exact,
        rows_from=found.rows_from,
        closed_before=found.closed_before,
        next_at=found.next_at,
    )


@router.mutation("retention.save", permission=Permission.OWN, timeout=_COUNT_SECONDS)
async def save(context: Context, input: RetentionSaved) -> Retention:
    """Keep runs for so many days from now on. What goes for good has to be confirmed; figures stay."""
    async with context.store.read_as(context.principal) as reader:
        await require_owner(reader, context.principal, input.project_id, otherwise="project")
    await keep_runs(
        context.store, input.project_id, input.keep_days, is_confirmed=input.confirmed, by=context.principal
    )
    return await _shown(context, input.project_id)


async def _shown(context: Context, project_id: UUID) -> Retention:
    async with context.store.read_as(context.principal) as reader:
        member = await require_member(reader, context.principal, project_id, otherwise="project")
        kept = await read_retention(reader, project_id)
    return Retention(
        keep_days=kept.keep_days,
        rows_from=kept.rows_from,
        removed_runs=kept.removed_runs,
        may_change=member.role is Role.OWNER,
    )
