"""Expressions, while they are written."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.api.shapes.builder import GraphProblem
from watchglass.model.graph import Graph, NodeId

Pointer = Annotated[str, Field(max_length=1000)]


class ExpressionInput(Input):
    """An expression in a drawing."""

    project_id: UUID
    graph: Graph
    """The drawing as it is on the page, saved or not."""
    node_id: NodeId
    expression: Annotated[str, Field(max_length=10_000)]
    """Without the `=`."""
    field: Pointer | None = None
    """JSON pointer to the field; `/result` of a for-each node sees what its body sees."""


class Completion(Output):
    """A name that can be written."""

    path: str
    """As it is written: `nodes.reserve_stock.total`."""
    type: str
    """As JSON Schema calls it; `any` where nobody says."""
    origin: str
    """Where it comes from, in words."""


class CheckedExpression(Output):
    """What is wrong with an expression, and what can be written."""

    problems: list[GraphProblem]
    names: list[Completion]


class PreviewInput(ExpressionInput):
    """With which data an expression is tried."""

    execution_id: UUID | None = None
    """A run of this workflow."""
    input: Any = None
    """Instead of a run: what a run would be started with. Neither: the newest run of the workflow with this name."""


class ExpressionPreview(Output):
    """What an expression gives."""

    value: Any
    """Null where there is a problem."""
    problem: GraphProblem | None
    execution_id: str | None
    """The run whose data it is."""
