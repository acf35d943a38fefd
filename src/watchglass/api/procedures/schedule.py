"""What starts runs at set times."""

from collections.abc import Sequence

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.render.schedule import Started, render_schedule, render_source, run_ids
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.schedule import Schedule, ScheduleIdInput, Schedules
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.store.projects import project_exists
from watchglass.store.schedules import read_schedule, read_schedule_sources, read_schedules, read_started_runs
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

router: Router[Context] = Router()
_LIMIT = 1000


@router.query("schedule.list", permission=Permission.LOOK)
async def list_schedules(context: Context, input: ProjectIdInput) -> Schedules:
    """The schedules of a project, with their next, last and missed runs."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        rows = await read_schedules(reader, input.project_id, limit=_LIMIT + 1)
        sources = await read_schedule_sources(reader, input.project_id)
        shown = rows[:_LIMIT]
        started = await _started(reader, shown)
    return Schedules(
        items=[render_schedule(row, started) for row in shown],
        sources=[render_source(row) for row in sources],
        has_more=len(rows) > _LIMIT,
    )


@router.query("schedule.get", permission=Permission.LOOK)
async def get_schedule(context: Context, input: ScheduleIdInput) -> Schedule:
    """One schedule."""
    async with context.store.read_as(context.principal) as reader:
        row = await read_schedule(reader, input.schedule_id)
        if row is None:
            raise absent("schedule")
        return render_schedule(row, await _started(reader, [row]))


async def _started(reader: Reader, rows: Sequence[Row]) -> Started:
    wanted = [run_id for row in rows for run_id in run_ids(row)]
    runs = await read_started_runs(reader, [row["connection_id"] for row in rows], wanted)
    return {(str(run["connection_id"]), run["temporal_run_id"]): run for run in runs}
