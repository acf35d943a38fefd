"""Lists of executions, and the raw events of one."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import sees_payloads
from watchglass.api.procedures.shown import shown
from watchglass.api.render.summary import render_summary
from watchglass.api.shapes.history import (
    ExecutionHistory,
    ExecutionHistoryInput,
    HistoryEvents,
    HistoryEventsInput,
    ListedInput,
    ProjectHistoryInput,
)
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.parse.export import event_json
from watchglass.parse.hidden import without_values
from watchglass.statistics.removed import removed_before
from watchglass.statistics.window import Window
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.execution_list import ListPage, ListQuery, Total, count_list, planned, read_list
from watchglass.store.executions import read_execution
from watchglass.store.history_pages import read_some_events
from watchglass.store.projects import project_exists, project_of_workflow
from watchglass.store.scope import Reader
from watchglass.store.step_filter import StepFilter

router: Router[Context] = Router()
_MOST_BYTES = 4 * 1024 * 1024
"""Of events in one answer, serialised; as JSON they are a third more, and some copies of them are made on the way."""


@router.query("execution.getExecutionHistory", permission=Permission.LOOK)
async def get_execution_history(context: Context, input: ExecutionHistoryInput) -> ExecutionHistory:
    """A workflow's executions, page by page."""
    # Of one moment: a run that came between counting and reading would be on the page and not in the total.
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        project_id = await project_of_workflow(reader, input.workflow_id)
        if project_id is None:
            raise absent("workflow")
        return await _page(reader, _query(project_id, input.workflow_id, input))


@router.query("execution.getProjectHistory", permission=Permission.LOOK)
async def get_project_history(context: Context, input: ProjectHistoryInput) -> ExecutionHistory:
    """The executions of all workflows of a project, page by page."""
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        return await _page(reader, _query(input.project_id, None, input))


async def _page(reader: Reader, asked: ListQuery) -> ExecutionHistory:
    query = await planned(reader, asked)
    total = await count_list(reader, query)
    page = await read_list(reader, query, total)
    rows_from = await removed_before(reader, Window(query.project_id, query.workflow_id, query.start, query.end))
    if not total.is_exact:
        total = _at_least(total, page, is_first=query.cursor is None)
    return ExecutionHistory(
        items=[render_summary(row) for row in page.rows],
        next_cursor=page.next_cursor,
        prev_cursor=page.prev_cursor,
        position=page.position,
        total=total.count,
        total_is_exact=total.is_exact,
        runs_removed_before=rows_from,
        as_of=datetime.now(UTC),
    )


def _at_least(total: Total, page: ListPage, *, is_first: bool) -> Total:
    """Never less than what is on the page, or before it; and that is all of it where it ends here."""
    seen = max(page.position + len(page.rows) - 1, 0)
    if page.next_cursor is None and (page.rows or is_first):
        return Total(seen, True)
    return Total(max(total.count, seen), False)


def _query(project_id: UUID, workflow_id: UUID | None, input: ListedInput) -> ListQuery:
    return ListQuery(
        project_id=project_id,
        workflow_id=workflow_id,
        limit=input.limit,
        statuses=tuple(input.status or ()),
        by_duration=input.sort == "durationMs",
        descending=input.order == "desc",
        top_level=input.top_level,
        build_id=input.build_id,
        deployment=input.deployment,
        start=input.from_,
        end=input.to,
        version=input.version,
        only_errors=input.errors,
        error_group=input.error_group,
        min_duration_ms=input.min_duration_ms,
        max_duration_ms=input.max_duration_ms,
        task_queue=input.task_queue,
        step=None if input.component is None else StepFilter(**input.component.model_dump(by_alias=False)),
        cursor=input.cursor,
    )


@router.query("execution.getHistoryEvents", permission=Permission.LOOK, is_large=True)
async def get_history_events(context: Context, input: HistoryEventsInput) -> HistoryEvents:
    """The events of an execution, as Temporal's own tools write them; fewer at a time where they are large."""
    after = 0 if input.cursor is None else read_cursor("e", input.cursor, types=(int,))[0]
    async with context.store.read_as(context.principal) as reader:
        row = await read_execution(reader, input.execution_id)
        if row is None:
            raise absent("execution")
        events = await read_some_events(
            reader,
            project_id=row["project_id"],
            execution_id=row["id"],
            first=after + 1,
            last=after + input.limit,
            most_bytes=_MOST_BYTES,
        )
        sees = await sees_payloads(reader, context.principal, row["project_id"])
    # Converting costs about 46 µs an event, which would hold up everybody else's requests.
    rendered = await asyncio.to_thread(
        lambda: [event_json(event if sees else without_values(event)) for event in events]
    )
    last = events[-1].event_id if events else after + input.limit
    answer = HistoryEvents(
        events=rendered,
        next_cursor=write_cursor("e", [last]) if last < row["synced_event_id"] else None,
        total=row["synced_event_id"],
        hidden=not sees,
    )
    return await shown(context, row, answer, sees=sees)
