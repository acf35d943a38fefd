"""A run on the drawing that it ran."""

import json
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.details import found_execution, up_to_date
from watchglass.api.procedures.rights import sees_payloads
from watchglass.api.procedures.shown import shown
from watchglass.api.procedures.values import full_component
from watchglass.api.render.hidden import without_values
from watchglass.api.render.run_graph import render_iterations, render_lit
from watchglass.api.shapes.run_graph import (
    ExecutionGraph,
    ExecutionGraphInput,
    NodeIterations,
    NodeIterationsInput,
)
from watchglass.api.trpc.router import Router
from watchglass.builder.lit import RunFacts, light, loop_of
from watchglass.builder.shape import Shape
from watchglass.builder.stored import from_stored
from watchglass.model.graph import ForEachNode, Graph
from watchglass.model.journal import READ_GRAPH
from watchglass.model.permission import Permission
from watchglass.model.status import ExecutionStatus
from watchglass.parse.payload import read_payloads
from watchglass.store.component_reads import find_activity
from watchglass.store.node_states import Chosen, Runs, read_chain_before, read_items, read_iterations, read_journal
from watchglass.store.owners import is_registered
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row
from watchglass.store.versions import read_version

router: Router[Context] = Router()


@dataclass(frozen=True, slots=True)
class _Found:
    """The graph of a run, or why there is none."""

    graph: Graph | None
    version: int | None
    matching: Literal["memo", "rules"] | None
    problem: str | None = None


@router.query("execution.getGraph", permission=Permission.LOOK)
async def get_graph(context: Context, input: ExecutionGraphInput) -> ExecutionGraph:
    """The graph of the version that ran, with the state of each node; copied from Temporal first when stale."""
    await up_to_date(context, input.execution_id)
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        found = await _find(reader, row)
        if found.graph is None:
            return render_lit(row["workflow_id"], found.version, None, None, found.problem, None)
        lit = await light(
            reader,
            await _runs(reader, row),
            _facts(row),
            Shape(found.graph),
            picked=input.items,
            by_rules=found.matching == "rules",
        )
        sees = await sees_payloads(reader, context.principal, row["project_id"])
    drawn = render_lit(row["workflow_id"], found.version, found.matching, found.graph, None, lit)
    if any(node.approval for node in drawn.nodes):
        # What a person is asked may hold values of the run.
        return await shown(context, row, drawn, sees=sees)
    return drawn if sees else without_values(drawn)


@router.query("execution.getNodeIterations", permission=Permission.LOOK)
async def get_node_iterations(context: Context, input: NodeIterationsInput) -> NodeIterations:
    """What became of a node at each item of the loops around it; of a for-each node, its items."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        found = await _find(reader, row)
        shape = Shape(found.graph) if found.graph else None
        if shape is None or input.node_id not in shape.nodes:
            raise absent("node")
        runs = await _runs(reader, row)
        chosen = Chosen(input.iteration, input.status, input.cursor, input.limit)
        is_loop = isinstance(shape.nodes[input.node_id], ForEachNode)
        if is_loop and found.matching == "memo":
            place = {input.node_id: input.iteration}
            entry = (await read_journal(reader, runs, place)).get(input.node_id)
            is_over = entry is not None and entry.state != "started"
            page = await read_items(reader, runs, loop_of(shape, input.node_id), is_over=is_over, chosen=chosen)
        else:
            page = await read_iterations(
                reader,
                runs,
                input.node_id,
                has_events=shape.has_events(input.node_id),
                by_occurrence=found.matching == "rules",
                chosen=chosen,
            )
    return render_iterations(page)


def _facts(row: Row) -> RunFacts:
    # `[event id, node id, …]`, as the store writes it.
    failed = json.loads(row["failed_step"]) if row["failed_step"] else (None, None)
    return RunFacts(ExecutionStatus(row["status"]), row["started_at"], row["closed_at"], failed[0], failed[1])


async def _runs(reader: Reader, row: Row) -> Runs:
    ids = await read_chain_before(reader, row)
    return Runs(row["project_id"], ids, ExecutionStatus(row["status"]).is_open)


async def _find(reader: Reader, row: Row) -> _Found:
    if await is_registered(reader, row["project_id"], row["workflow_id"]):
        newest = await read_version(reader, row["workflow_id"], None)
        if newest is None:
            return _Found(
                None, None, None, "The graph that is registered for this run's workflow is not there any more."
            )
        return _Found(from_stored(newest["graph"]), None, "rules")
    version = row["version"]
    stored = await read_version(reader, row["workflow_id"], version) if version is not None else None
    if stored is not None:
        return _Found(from_stored(stored["graph"]), version, "memo")
    return await _from_history(reader, row)


async def _from_history(reader: Reader, row: Row) -> _Found:
    """The graph as the run itself read it, for versions that are not kept here."""
    version = row["version"]
    unit = await find_activity(reader, project_id=row["project_id"], execution_id=row["id"], activity_id=READ_GRAPH)
    if unit is None:
        if version is None:
            return _Found(
                None, None, None, "This run's workflow was not drawn here, and no graph is registered for it."
            )
        return _Found(
            None, version, None, f"The run has not read its graph yet, and version {version} is not kept here."
        )
    unit = await full_component(reader, row, unit)
    if unit.output is None:
        return _Found(None, version, None, "The run has not read its graph yet.")
    text = next((payload.text for payload in read_payloads(unit.output.data, limit=None)), None)
    try:
        graph = Graph.model_validate_json(text or "")
    except ValidationError:
        return _Found(
            None, version, None, "The graph that this run read is in its history, but this version cannot read it."
        )
    return _Found(graph, version, "memo")
