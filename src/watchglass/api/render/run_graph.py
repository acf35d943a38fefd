"""A run on its drawing."""

from typing import Literal
from uuid import UUID

from watchglass.api.shapes.run_graph import (
    ApprovalRequest,
    ExecutionGraph,
    IterationCounts,
    NodeIteration,
    NodeIterations,
    NodeState,
)
from watchglass.builder.lit import Lit, NodeLight
from watchglass.model.graph import Graph
from watchglass.model.verdict import Reason, verdict_of
from watchglass.store.node_states import IterationPage
from watchglass.store.summaries import Row


def render_lit(
    workflow_id: UUID,
    version: int | None,
    matching: Literal["memo", "rules"] | None,
    graph: Graph | None,
    problem: str | None,
    lit: Lit | None,
) -> ExecutionGraph:
    return ExecutionGraph(
        workflow_id=str(workflow_id),
        version=version,
        matching=matching,
        graph=graph,
        problem=problem,
        nodes=[_node(node) for node in lit.nodes] if lit else [],
        taken_edges=lit.taken_edges if lit else [],
        failing_path=lit.failing_path if lit else [],
    )


def _node(node: NodeLight) -> NodeState:
    reason = Reason(node.reason) if node.reason else None
    items, question = node.items, node.question
    return NodeState(
        node_id=node.node_id,
        status=node.status,
        started_at=node.started_at,
        completed_at=node.completed_at,
        duration_ms=node.duration_ms,
        attempt=node.attempt,
        retry_verdict=verdict_of(reason),
        retry_reason=reason,
        error_message=node.error_message,
        port=node.port,
        event_id=node.event_id,
        execution_id=_text(node.execution_id),
        approval=None
        if question is None
        else ApprovalRequest(
            question=question.question,
            form=question.form,
            node_id=node.node_id,
            iteration=list(question.iteration),
        ),
        iterations=None
        if items is None
        else IterationCounts(total=items.total, completed=items.completed, failed=items.failed, running=items.open),
    )


def render_iterations(page: IterationPage) -> NodeIterations:
    return NodeIterations(items=[_iteration(row) for row in page.rows], next_cursor=page.next_cursor)


def _iteration(row: Row) -> NodeIteration:
    names = ("status", "started_at", "completed_at", "duration_ms", "attempt", "error_message", "event_id")
    return NodeIteration(
        iteration=list(row["iteration"]),
        execution_id=_text(row["execution_id"]),
        **{name: row[name] for name in names},
    )


def _text(execution_id: UUID | None) -> str | None:
    return None if execution_id is None else str(execution_id)
