"""What is wrong with a graph in its project, where components and other workflows are known."""

import asyncio
from typing import Final
from uuid import UUID

from watchglass.builder.catalogue import read_catalogue
from watchglass.builder.rules.children import Callee, calls_of
from watchglass.builder.validate import validate
from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph
from watchglass.model.problem import Problem, Severity
from watchglass.store.callees import read_callees
from watchglass.store.scope import Reader

MOST_CALLEES: Final = 100
"""Workflows that are looked at for ways back to the one that calls them."""


async def find_problems(reader: Reader, project_id: UUID, graph: Graph) -> list[Problem]:
    """The problems of a graph, as its project is now."""
    catalogue = await read_catalogue(reader, project_id)
    callees = await _callees(reader, project_id, graph)
    # In a thread: a tenth of a second for 2,000 nodes, in which a page would answer nobody else.
    return list(await asyncio.to_thread(validate, graph, catalogue, callees))


async def _callees(reader: Reader, project_id: UUID, graph: Graph) -> list[Callee]:
    """The built workflows that the graph calls, those that they call, and so on."""
    found: dict[str, Callee] = {}
    asked: set[str] = set()
    wanted = calls_of(graph)
    while wanted and len(found) < MOST_CALLEES:
        asked |= wanted
        for name, version, written in await read_callees(reader, project_id, sorted(wanted)):
            found[name] = _callee(name, version, None if written is None else Graph.model_validate(written))
        wanted = frozenset(name for callee in found.values() for name in callee.calls) - asked
    return [*found.values()]


def _callee(name: str, version: int, graph: Graph | None) -> Callee:
    if graph is None:
        return Callee(name, 0)
    return Callee(name, version, calls_of(graph), graph.input_schema)


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
