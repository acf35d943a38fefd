"""Expressions, while they are written."""

import asyncio
from typing import Any
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.limits import MAX_DRAWING_BYTES
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.details import found_execution
from watchglass.api.procedures.rights import require_payloads
from watchglass.api.procedures.run_data import read_run_data
from watchglass.api.procedures.shown import shown
from watchglass.api.render.graph import render_problem, render_problems
from watchglass.api.shapes.expression import (
    CheckedExpression,
    Completion,
    ExpressionInput,
    ExpressionPreview,
    PreviewInput,
)
from watchglass.api.trpc.router import Router
from watchglass.builder.catalogue import read_catalogue
from watchglass.builder.drawing import Drawing
from watchglass.builder.expression import ExpressionFailed
from watchglass.builder.names import RESULT, Name, Scope, names_for
from watchglass.builder.preview import RunData, nodes_needed, preview
from watchglass.builder.rules.expressions import Placed, problems_of
from watchglass.builder.rules.fields import fields_missing
from watchglass.errors import Conflict, InvalidInput
from watchglass.model.catalogue import Component
from watchglass.model.graph import ForEachNode
from watchglass.model.permission import Permission
from watchglass.model.problem import Problem
from watchglass.store.executions import newest_of_built
from watchglass.store.projects import project_exists
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

router: Router[Context] = Router()


@router.query("expression.preview", permission=Permission.LOOK, body_limit=MAX_DRAWING_BYTES)
async def preview_expression(context: Context, input: PreviewInput) -> ExpressionPreview:
    """What an expression gives with the data of a run, or of an input alone."""
    execution_id: UUID | None = None
    run: Row | None = None
    try:
        async with context.store.read_as(context.principal) as reader:
            if "input" not in input.model_fields_set:
                await require_payloads(reader, context.principal, input.project_id, otherwise="project")
            elif not await project_exists(reader, input.project_id):
                raise absent("project")
            data, run = await _data(reader, input)
        execution_id = None if run is None else run["id"]
        # In a thread: it is bounded, but by what a worker can take and not by what a page can.
        value: Any = await asyncio.to_thread(preview, input.graph, input.node_id, input.expression, data, input.field)
    except ExpressionFailed as failure:
        problem = Problem(node=input.node_id, field=input.field, at=failure.at, message=failure.message)
        return _answer(None, problem, execution_id)
    answer = _answer(value, None, execution_id)
    return answer if run is None else await shown(context, run, answer, sees=True)


async def _data(reader: Reader, input: PreviewInput) -> tuple[RunData, Row | None]:
    nodes = nodes_needed(input.graph, input.node_id, input.expression, input.field)
    if "input" in input.model_fields_set:
        lacking = {node: f"Without a run there is nothing of “{node}”. Choose a run to try it with." for node in nodes}
        return RunData(input.input, lacking=lacking), None
    execution_id = input.execution_id
    if execution_id is None:
        execution_id = await newest_of_built(reader, input.project_id, input.graph.name)
    if execution_id is None:
        raise ExpressionFailed("The workflow has not run yet. Give an input to try it with, or run it.")
    row = await found_execution(reader, execution_id)
    if row["project_id"] != input.project_id:
        raise Conflict("The run is of another project than the drawing.")
    return await read_run_data(reader, row, input.graph, nodes), row


def _answer(value: Any, problem: Problem | None, execution_id: UUID | None) -> ExpressionPreview:
    return ExpressionPreview(
        value=value,
        problem=None if problem is None else render_problem(problem),
        execution_id=None if execution_id is None else str(execution_id),
    )


@router.query("expression.check", permission=Permission.LOOK, body_limit=MAX_DRAWING_BYTES)
async def check_expression(context: Context, input: ExpressionInput) -> CheckedExpression:
    """What is wrong with an expression at its place, and what can be written there."""
    async with context.store.read_as(context.principal) as reader:
        if not await project_exists(reader, input.project_id):
            raise absent("project")
        components = await read_catalogue(reader, input.project_id)
    names, problems = await asyncio.to_thread(_checked, input, components)
    return CheckedExpression(
        problems=render_problems(problems),
        names=[Completion(path=name.path, type=name.type, origin=name.origin) for name in names],
    )


def _checked(input: ExpressionInput, components: list[Component]) -> tuple[tuple[Name, ...], list[Problem]]:
    drawing = Drawing(input.graph)
    node = drawing.nodes.get(input.node_id)
    if node is None:
        raise InvalidInput(f"The drawing has no node with the id {input.node_id}.")
    in_body = input.field == RESULT and isinstance(node, ForEachNode)
    names = names_for(input.graph, input.node_id, components, field=input.field)
    if not input.expression.strip():
        return names, []
    placed = Placed(input.field or "", input.expression, in_body)
    scope = Scope(drawing, components)
    return names, [*problems_of(drawing, node, placed), *fields_missing(scope, node, placed)]
