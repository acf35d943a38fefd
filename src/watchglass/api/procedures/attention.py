"""What needs a person, in one project or in all of them."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.render.attention import render_attention, render_bad_end, render_troubled
from watchglass.api.shapes.attention import Attention, AttentionInput, BadEnds, TroubledExecutions, TroubledInput
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.store.attention import count_troubled, read_bad_ends, read_connections_watched, read_troubled
from watchglass.store.projects import project_exists
from watchglass.store.scope import Reader

router: Router[Context] = Router()
_BAD_ENDS = 100


@router.query("attention.get", permission=Permission.LOOK)
async def get_attention(context: Context, input: AttentionInput) -> Attention:
    """How much needs a person, and how closely open runs are looked after."""
    async with context.store.read_as(context.principal) as reader:
        await _check(reader, input.project_id)
        problems = await count_troubled(reader, input.project_id)
        connections = await read_connections_watched(reader, input.project_id)
    return render_attention(problems, connections)


@router.query("attention.list", permission=Permission.LOOK)
async def list_troubled(context: Context, input: TroubledInput) -> TroubledExecutions:
    """Open runs that will not get further by themselves."""
    async with context.store.read_as(context.principal) as reader:
        await _check(reader, input.project_id)
        page = await read_troubled(
            reader, input.project_id, problem=input.problem, cursor=input.cursor, limit=input.limit
        )
    return TroubledExecutions(items=[render_troubled(row) for row in page.rows], next_cursor=page.next_cursor)


@router.query("attention.badEnds", permission=Permission.LOOK)
async def list_bad_ends(context: Context, input: AttentionInput) -> BadEnds:
    """Runs of the last day that ended because retries or time ran out, collapsed by workflow and error."""
    async with context.store.read_as(context.principal) as reader:
        await _check(reader, input.project_id)
        rows = await read_bad_ends(reader, input.project_id, limit=_BAD_ENDS)
    return BadEnds(items=[render_bad_end(row) for row in rows])


async def _check(reader: Reader, project_id: UUID | None) -> None:
    if project_id is not None and not await project_exists(reader, project_id):
        raise absent("project")
