"""Figures of a workflow and of a project."""

from datetime import UTC, datetime, timedelta

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.narrowed import narrowed
from watchglass.api.render.project import average
from watchglass.api.render.statistics import (
    interval,
    long_run,
    named,
    named_component,
    named_workflow,
    rate,
    render_build,
    render_kept,
    render_workflow_statistics,
)
from watchglass.api.shapes.statistics import (
    ComponentCoverage,
    ProjectStatistics,
    ProjectStatisticsInput,
    WorkflowStatistics,
    WorkflowStatisticsInput,
)
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.statistics import figures as read
from watchglass.statistics.builds import read_build_figures
from watchglass.statistics.removed import Answerable, answerable
from watchglass.store.execution_list import read_recent
from watchglass.store.projects import project_exists, project_of_workflow
from watchglass.store.rollup_checks import read_checked_at
from watchglass.store.scope import Reader

router: Router[Context] = Router()

_RECENT = 10
_TIMEOUT = timedelta(seconds=15)


@router.query("execution.getWorkflowStatistics", permission=Permission.LOOK, timeout=_TIMEOUT)
async def get_workflow_statistics(context: Context, input: WorkflowStatisticsInput) -> WorkflowStatistics:
    """A workflow's figures."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        project_id = await project_of_workflow(reader, input.workflow_id)
        if project_id is None:
            raise absent("workflow")
        told = await answerable(reader, narrowed(project_id, input.workflow_id, input, input.version))
        window = told.window
        figures = await read.read_workflow_figures(reader, window)
        builds = await read_build_figures(reader, window, figures.by_build)
        return render_workflow_statistics(
            figures=figures.sums,
            durations=figures.durations,
            ends=await read.read_ends(reader, window),
            builds=[render_build(row) for row in builds],
            components=await read.read_component_figures(reader, window),
            recent=await read_recent(reader, where=window.where, arguments=window.arguments, limit=_RECENT),
            kept=render_kept(told),
            as_of=datetime.now(UTC),
        )


@router.query("execution.getProjectStatistics", permission=Permission.LOOK, timeout=_TIMEOUT)
async def get_project_statistics(context: Context, input: ProjectStatisticsInput) -> ProjectStatistics:
    """A project's figures."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        return await _project_statistics(reader, await answerable(reader, narrowed(input.project_id, None, input)))


async def _project_statistics(reader: Reader, told: Answerable) -> ProjectStatistics:
    window = told.window
    found = await read.read_project_figures(reader, window)
    figures = found.sums
    workflows = await read.read_workflow_use(reader, window)
    components = await read.read_component_figures(reader, window)
    return ProjectStatistics(
        total_workflows=await read.count_workflows(reader, window),
        active_workflows=len(workflows),
        total_executions=figures["total_runs"],
        running_executions=figures["running_runs"],
        success_rate=rate(figures),
        success_rate_interval=interval(figures),
        duration_count=figures["duration_count"],
        percentile_error=0,
        avg_duration_ms=average(figures["duration_sum_ms"], figures["duration_count"]),
        total_errors=figures["error_runs"],
        most_used_task_queue=named(found.busiest_queue),
        most_used_workflow=named_workflow(workflows[0] if workflows else None),
        most_used_component=named_component(read.most_used(components)),
        longest_run=long_run(await read.read_longest_run(reader, window, found.duration_max_ms)),
        longest_running=long_run(await read.read_longest_running(reader, window)),
        component_coverage=ComponentCoverage(detailed=figures["detailed_runs"], total=figures["total_runs"]),
        last_execution_at=await read.read_last_start(reader, window),
        kept=render_kept(told),
        checked_at=await read_checked_at(reader, window.project_id),
        as_of=datetime.now(UTC),
    )
