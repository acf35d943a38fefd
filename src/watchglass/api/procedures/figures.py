"""The parts of a statistics page: figures over time, by component, by workflow, by task queue, and what they mean."""

from datetime import timedelta
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.narrowed import narrowed
from watchglass.api.render.error_groups import render_error_groups
from watchglass.api.render.figures import (
    render_component,
    render_definition,
    render_distribution,
    render_other,
    render_queue,
    render_timeline,
    render_versions,
    render_workflows,
)
from watchglass.api.render.statistics import render_kept
from watchglass.api.shapes.error_groups import ErrorGroups
from watchglass.api.shapes.figures import (
    ComponentLines,
    ComponentsInput,
    Definitions,
    Distribution,
    FiguresInput,
    ProjectFiguresInput,
    TaskQueueLines,
    Timeline,
    TimelineInput,
    VersionLines,
    WorkflowLines,
)
from watchglass.api.shapes.statistics import ComponentCoverage
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.statistics.buckets import time_zone
from watchglass.statistics.component_lines import read_component_lines, read_display_names
from watchglass.statistics.component_metrics import COMPONENT_METRICS, MOST_USED_COMPONENT
from watchglass.statistics.distribution import read_distribution
from watchglass.statistics.error_groups import read_error_groups
from watchglass.statistics.figures import read_coverage
from watchglass.statistics.queue_lines import read_queue_lines
from watchglass.statistics.removed import Answerable, answerable
from watchglass.statistics.run_metrics import RUN_METRICS
from watchglass.statistics.slice import Slice
from watchglass.statistics.timeline import read_marks, read_timeline
from watchglass.statistics.version_lines import read_version_lines
from watchglass.statistics.workflow_lines import read_workflow_lines
from watchglass.store.projects import project_exists, project_of_workflow
from watchglass.store.scope import Reader

router: Router[Context] = Router()
_TIMEOUT = timedelta(seconds=15)


@router.query("statistics.timeline", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def timeline(context: Context, input: TimelineInput) -> Timeline:
    """A workflow's or a project's figures over time."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        told = await _answerable(reader, input)
        window = told.window
        found = await read_timeline(reader, window, time_zone(input.time_zone), step=input.step)
        return render_timeline(found, await read_marks(reader, window), zone=input.time_zone, kept=render_kept(told))


@router.query("statistics.components", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def components(context: Context, input: ComponentsInput) -> ComponentLines:
    """How each component did, or each node of a drawing."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        window = await _slice(reader, input)
        lines = await read_component_lines(reader, window, by_node=input.by_node)
        names = await read_display_names(reader, window)
        detailed, total = await read_coverage(reader, window)
    return ComponentLines(
        items=[render_component(row, names) for row in lines.rows],
        other=None if lines.other is None else render_other(lines.other),
        coverage=ComponentCoverage(detailed=detailed, total=total),
        percentile_error=lines.percentile_error,
    )


@router.query("statistics.distribution", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def distribution(context: Context, input: FiguresInput) -> Distribution:
    """How the durations of runs are spread."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        return render_distribution(await read_distribution(reader, await _slice(reader, input)))


@router.query("statistics.errors", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def errors(context: Context, input: FiguresInput) -> ErrorGroups:
    """What went wrong, most frequent first."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        return render_error_groups(await read_error_groups(reader, await _slice(reader, input)))


@router.query("statistics.versions", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def versions(context: Context, input: FiguresInput) -> VersionLines:
    """A workflow's figures, split by version."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        return render_versions(await read_version_lines(reader, await _slice(reader, input)))


@router.query("statistics.workflows", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def workflows(context: Context, input: ProjectFiguresInput) -> WorkflowLines:
    """A project's workflows side by side."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        return render_workflows(await read_workflow_lines(reader, await _project_slice(reader, input)))


@router.query("statistics.taskQueues", permission=Permission.LOOK, timeout=_TIMEOUT, adds_up=True)
async def task_queues(context: Context, input: ProjectFiguresInput) -> TaskQueueLines:
    """How long work waited in each task queue of a project."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        lines = await read_queue_lines(reader, await _project_slice(reader, input))
    return TaskQueueLines(items=[render_queue(row) for row in lines.rows], percentile_error=lines.percentile_error)


@router.query("statistics.definitions", permission=Permission.SIGNED_IN)
async def definitions(context: Context) -> Definitions:
    """What every figure means, in words and as SQL."""
    return Definitions(
        items=[
            *(render_definition(metric, "runs") for metric in RUN_METRICS),
            *(render_definition(metric, "components") for metric in (*COMPONENT_METRICS, MOST_USED_COMPONENT)),
        ]
    )


async def _slice(reader: Reader, input: FiguresInput) -> Slice:
    return (await _answerable(reader, input)).window


async def _answerable(reader: Reader, input: FiguresInput) -> Answerable:
    """Raises NotFound where the person asking sees no such workflow or project."""
    project_id = await _project(reader, input)
    return await answerable(reader, narrowed(project_id, input.workflow_id, input, input.version))


async def _project(reader: Reader, input: FiguresInput) -> UUID:
    if input.workflow_id is not None:
        of_workflow = await project_of_workflow(reader, input.workflow_id)
        if of_workflow is None:
            raise absent("workflow")
        return of_workflow
    if input.project_id is None or not await project_exists(reader, input.project_id):
        raise absent("project")
    return input.project_id


async def _project_slice(reader: Reader, input: ProjectFiguresInput) -> Slice:
    if not await project_exists(reader, input.project_id):
        raise absent("project")
    return (await answerable(reader, narrowed(input.project_id, None, input))).window
