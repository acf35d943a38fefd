"""Whether stored figures are what the runs add up to, for administrators of the installation."""

from watchglass.api.context import Context
from watchglass.api.render.figure_check import render_figure_check
from watchglass.api.shapes.figure_check import FigureChecks
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.store.rollup_checks import read_figure_checks

router: Router[Context] = Router()

_MOST = 500


@router.query("statistics.checks", permission=Permission.ADMINISTER)
async def list_checks(context: Context) -> FigureChecks:
    """How the last comparison of each project's stored figures with its runs came out."""
    async with context.store.read_as(context.principal) as reader:
        rows = await read_figure_checks(reader, limit=_MOST)
    return FigureChecks(items=[render_figure_check(row) for row in rows])
