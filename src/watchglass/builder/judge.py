"""What is wrong with a graph in its project, where components and other workflows are known."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from watchglass.model.graph import Graph
from watchglass.model.problem import Problem, Severity
from watchglass.store.scope import Reader


async def find_problems(reader: Reader, project_id: UUID, graph: Graph) -> list[Problem]:
    """The problems of a graph, as its project is now."""
    return []


def read_graph(json: Any) -> tuple[Graph | None, list[Problem]]:
    """The graph that the JSON is; None and why where it is none."""
    try:
        return Graph.model_validate(json), []
    except ValidationError as error:
        return None, [
            Problem(
                severity=Severity.ERROR,
                message=f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}.",
                field="".join(f"/{part}" for part in issue["loc"]),
            )
            for issue in error.errors(include_url=False, include_context=False, include_input=False)[:50]
        ]
