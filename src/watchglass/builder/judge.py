"""What is wrong with a graph in its project, where components and other workflows are known."""

import json
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph
from watchglass.model.problem import Problem, Severity
from watchglass.store.scope import Reader


async def find_problems(reader: Reader, project_id: UUID, graph: Graph) -> list[Problem]:
    """The problems of a graph, as its project is now."""
    return []


def read_graph(value: Any) -> tuple[Graph | None, list[Problem]]:
    """The graph that the JSON value is; None and why where it is none."""
    try:
        return Graph.model_validate(value), []
    except ValidationError as error:
        return None, [
            Problem(
                severity=Severity.ERROR,
                message=f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}.",
                field="".join(f"/{part}" for part in issue["loc"]),
            )
            for issue in error.errors(include_url=False, include_context=False, include_input=False)[:50]
        ]


def read_file(text: str) -> tuple[Graph | None, list[Problem]]:
    """The graph that a file holds; None and why where it holds none."""
    try:
        return read_graph(json.loads(text))
    except ValueError as error:
        return None, [Problem(message=f"The file cannot be read: {error}.")]


def write_file(graph: Graph) -> str:
    """The graph as a file that lives well in git."""
    return json.dumps(graph.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"


def refuse_errors(problems: list[Problem]) -> None:
    """Raises InvalidInput when something would keep the graph from running."""
    error = first_error(problems)
    if error is not None:
        raise InvalidInput(f"The workflow cannot run like this. {error}")


def first_error(problems: list[Problem]) -> str | None:
    """The first of the problems that keep the graph from running, and how many more there are; None: nothing does."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if not errors:
        return None
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{f'Node “{errors[0].node}”: ' if errors[0].node else ''}{errors[0].message}{more}"
