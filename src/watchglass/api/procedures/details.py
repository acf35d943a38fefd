"""The execution page. Cache-aside: it is read from the database, after a bounded sync when the copy is stale."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.freshness import (
    FINAL_SECONDS,
    SYNC_SECONDS,
    is_due,
    is_final,
    is_on_request,
    is_outdated,
    sync_of,
)
from watchglass.api.procedures.rights import require_payloads, sees_payloads
from watchglass.api.procedures.shown import shown
from watchglass.api.procedures.values import full_component, own_values
from watchglass.api.render.component import render_component, render_component_details
from watchglass.api.render.execution import caller_of, linked_run_ids, render_execution
from watchglass.api.render.payload import render_values
from watchglass.api.shapes.base import ExecutionIdInput
from watchglass.api.shapes.component import ComponentExecutionDetails, ComponentExecutionInput
from watchglass.api.shapes.details import ExecutionDetailsInput, ExecutionDetailsPage, ExecutionValues
from watchglass.api.trpc.router import Router
from watchglass.model.attempt import Attempt
from watchglass.model.component import Component
from watchglass.model.permission import Permission
from watchglass.model.project import Principal
from watchglass.model.refresh import Refreshed
from watchglass.model.status import ComponentKind
from watchglass.store.component_reads import read_attempts, read_component, read_components
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.executions import find_foreign_runs, find_runs, read_attributes, read_execution
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

router: Router[Context] = Router()
_NOT_DUE = Refreshed(synced=True, changed=False)


@router.query("execution.getExecutionDetails", permission=Permission.LOOK)
async def get_execution_details(context: Context, input: ExecutionDetailsInput) -> ExecutionDetailsPage:
    """One execution with its components; copied from Temporal first when the copy is stale."""
    after = 0 if input.cursor is None else read_cursor("c", input.cursor, types=(int,))[0]
    # Of one moment: steps that come between two questions would not be those that the run counts.
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        row = await found_execution(reader, input.execution_id)
        # A transaction costs as much as its questions do: what needs no sync is answered in one.
        page = None if is_due(row) else await _page(reader, row, after=after, limit=input.limit, refreshed=_NOT_DUE)
        sees = await sees_payloads(reader, context.principal, row["project_id"])
    if not row["is_final"] and not is_on_request(row):
        await context.sync.watch(row["project_id"], row["id"])
    if page is not None:
        return await shown(context, row, page, sees=sees)
    refreshed = await _refresh(context, row)
    async with context.store.read_as(context.principal, isolation="repeatable_read") as reader:
        row = await found_execution(reader, input.execution_id)
        page = await _page(reader, row, after=after, limit=input.limit, refreshed=refreshed)
    return await shown(context, row, page, sees=sees)


async def up_to_date(context: Context, execution_id: UUID) -> None:
    """Copy the execution from Temporal first when the copy is stale; NOT_FOUND as below."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, execution_id)
    if is_due(row):
        await _refresh(context, row)


async def found_execution(reader: Reader, execution_id: UUID) -> Row:
    """The execution's row; NOT_FOUND when the person asking may not see it."""
    row = await read_execution(reader, execution_id)
    if row is None:
        raise absent("execution")
    return row


async def readable_execution(reader: Reader, principal: Principal, execution_id: UUID) -> Row:
    """The same, for what is about the run's values. Raises Forbidden for who may not see them."""
    row = await found_execution(reader, execution_id)
    await require_payloads(reader, principal, row["project_id"], otherwise="execution")
    return row


async def _refresh(context: Context, row: Row) -> Refreshed | None:
    """Sync for at most two seconds; None when it is still going on."""
    try:
        async with asyncio.timeout(FINAL_SECONDS if is_final(row) and not is_outdated(row) else SYNC_SECONDS):
            return await context.sync.refresh(row["id"])
    except TimeoutError:
        return None


async def _page(
    reader: Reader, row: Row, *, after: int, limit: int, refreshed: Refreshed | None
) -> ExecutionDetailsPage:
    key = {"project_id": row["project_id"], "execution_id": row["id"]}
    found = await read_components(reader, **key, after=after, limit=limit + 1)
    components = found[:limit]
    given, result = await own_values(reader, row)
    attributes = await read_attributes(reader, **key)
    runs = await find_runs(
        reader,
        project_id=row["project_id"],
        connection_id=row["connection_id"],
        run_ids=[*linked_run_ids(row), *map(_child_run_id, components)],
    )
    foreign = await find_foreign_runs(
        reader,
        project_id=row["project_id"],
        address=row["address"],
        runs=[run for run in (caller_of(row), *map(_handler_run, components)) if run is not None],
    )
    return ExecutionDetailsPage(
        execution=render_execution(row, given=given, result=result, attributes=attributes, runs={**foreign, **runs}),
        components=[
            render_component(
                component,
                execution_id=row["id"],
                child_execution_id=_id_of(runs.get(_child_run_id(component) or "")),
                handler_execution_id=_handler_id(component, foreign),
            )
            for component in components
        ],
        next_cursor=write_cursor("c", [components[-1].event_id]) if len(found) > limit else None,
        sync=sync_of(row, refreshed),
    )


@router.query("execution.getComponentExecution", permission=Permission.LOOK, is_large=True)
async def get_component_execution(context: Context, input: ComponentExecutionInput) -> ComponentExecutionDetails:
    """One component execution, whole."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        whole = await whole_component(reader, row, input.event_id)
        sees = await sees_payloads(reader, context.principal, row["project_id"])
    return await shown(context, row, whole.rendered(), sees=sees)


@dataclass(frozen=True, slots=True)
class WholeComponent:
    """A component execution with everything that is stored of it."""

    component: Component
    observed: Sequence[Attempt]
    execution_id: UUID
    child_execution_id: UUID | None
    handler_execution_id: UUID | None

    def rendered(self) -> ComponentExecutionDetails:
        return render_component_details(
            self.component,
            execution_id=self.execution_id,
            child_execution_id=self.child_execution_id,
            handler_execution_id=self.handler_execution_id,
            observed=self.observed,
        )


async def whole_component(reader: Reader, row: Row, event_id: int, *, as_held: bool = False) -> WholeComponent:
    """NOT_FOUND when there is no such component; `as_held`: large values as Temporal holds them."""
    key = {"project_id": row["project_id"], "execution_id": row["id"]}
    component = await read_component(reader, **key, event_id=event_id)
    if component is None:
        raise absent("component execution")
    component = await full_component(reader, row, component, as_held=as_held)
    observed = await read_attempts(reader, **key, event_id=event_id)
    runs = await find_runs(
        reader,
        project_id=row["project_id"],
        connection_id=row["connection_id"],
        run_ids=[_child_run_id(component)],
    )
    handler = _handler_run(component)
    foreign = await find_foreign_runs(
        reader, project_id=row["project_id"], address=row["address"], runs=[handler] if handler else []
    )
    child = next(iter(runs.values()), None)
    return WholeComponent(component, observed, row["id"], _id_of(child), _handler_id(component, foreign))


@router.query("execution.getExecutionValues", permission=Permission.PAYLOADS, is_large=True)
async def get_execution_values(context: Context, input: ExecutionIdInput) -> ExecutionValues:
    """The whole of an execution's own input and result."""
    async with context.store.read_as(context.principal) as reader:
        row = await readable_execution(reader, context.principal, input.execution_id)
        given, result = await own_values(reader, row)
    values = ExecutionValues(input=render_values(given, limit=None), result=render_values(result, limit=None))
    return await shown(context, row, values, sees=True)


def _child_run_id(component: Component) -> str | None:
    return dict(component.ref).get("childRunId")


def _handler_run(component: Component) -> tuple[str, str] | None:
    """Namespace and run id of the run that a Nexus operation was given to."""
    if component.kind is not ComponentKind.NEXUS_OPERATION:
        return None
    ref = dict(component.ref)
    return (ref["handlerNamespace"], ref["handlerRunId"]) if "handlerRunId" in ref else None


def _handler_id(component: Component, foreign: Mapping[str, Row]) -> UUID | None:
    run = _handler_run(component)
    return None if run is None else _id_of(foreign.get(run[1]))


def _id_of(run: Row | None) -> UUID | None:
    return None if run is None else run["id"]
