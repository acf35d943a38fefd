"""Problems of a file as a compiler tells them: `order.yaml:12: error: charge /input/amount: …`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from watchglass.builder.expression import expression_in
from watchglass.builder.file import GraphFile
from watchglass.model.graph import Graph
from watchglass.model.problem import Problem


def tell(file: Path, read: GraphFile, problems: Iterable[Problem]) -> str:
    """A line for each problem, and for one in an expression two more that point into it."""
    return "\n".join(line for problem in problems for line in _lines(file, read, problem))


def _lines(file: Path, read: GraphFile, problem: Problem) -> Iterator[str]:
    line = read.line(problem)
    place = f"{file}:{line}" if line is not None else str(file)
    about = " ".join(part for part in (problem.node, problem.field) if part)
    yield f"{place}: {problem.severity}: {f'{about}: ' if about else ''}{problem.message}"
    text = None if problem.at is None or read.graph is None else _expression(read.graph, problem)
    if text is not None and problem.at is not None and "\n" not in text:
        start, end = problem.at
        # A long expression is cut to what is around the place.
        cut = max(0, start - 40)
        yield f"    {text[cut : end + 40]}"
        yield f"    {' ' * (start - cut)}{'^' * max(1, end - start)}"


def _expression(graph: Graph, problem: Problem) -> str | None:
    value: Any = next((node.model_dump(by_alias=True) for node in graph.nodes if node.id == problem.node), None)
    for step in (problem.field or "").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    inside = expression_in(value)
    return inside if inside is not None else value if isinstance(value, str) else None
