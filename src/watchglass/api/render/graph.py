"""What is wrong with a graph, as callers get it."""

from collections.abc import Iterable

from watchglass.api.shapes.builder import GraphProblem
from watchglass.model.problem import Problem


def render_problems(problems: Iterable[Problem]) -> list[GraphProblem]:
    return [render_problem(problem) for problem in problems]


def render_problem(problem: Problem) -> GraphProblem:
    return GraphProblem(
        severity=problem.severity,
        node=problem.node,
        field=problem.field,
        edge=problem.edge,
        at=problem.at,
        message=problem.message,
    )
