"""What nodes are given: whether it fits what they ask for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watchglass.builder.expression import expression_in
from watchglass.builder.schema import Schema, SchemaUnfit, Unknown, Work, check_schema, misfits
from watchglass.model.catalogue import Component
from watchglass.model.graph import ERROR, OTHERWISE, ActivityNode, ApprovalNode, BranchNode, Graph, Json, Node, WaitNode
from watchglass.model.problem import Problem, Severity

TypesOf = Callable[[str], frozenset[str]]
"""The JSON Schema types that an expression may give at the node in question; none: any."""
MAXIMUM_DEPTH = 50
"""Lists and objects inside one another in a value of a node."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What checking values against schemas takes."""

    work: Work
    types_of: TypesOf


def is_too_deep(node: Node) -> bool:
    """Is a value in the node nested so deeply that whoever walks it might fall?"""
    waiting: list[tuple[Json, int]] = [
        (getattr(node, name), 0)
        for name in ("input", "values", "question", "form", "result", "message")
        if hasattr(node, name)
    ]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAXIMUM_DEPTH:
            return True
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        waiting.extend((item, depth + 1) for item in inner)
    return False


def graph_values(graph: Graph) -> Iterator[Problem]:
    if (fault := check_schema(graph.input_schema)) is not None:
        yield Problem(field="/inputSchema", message=f"What a run is started with cannot be checked. {fault}")


def value_problems(node: Node, components: Mapping[str, Component] | None, checks: Checks) -> Iterator[Problem]:
    match node:
        case ActivityNode() if components is not None:
            yield from _activity(node, components.get(node.component), checks)
        case BranchNode():
            yield from _ports(node)
        case WaitNode():
            if (node.seconds is None) == (node.until is None):
                yield Problem(
                    node=node.id,
                    field="/seconds",
                    message="It waits either for a number of seconds or until a moment: set one of the two.",
                )
        case ApprovalNode():
            if node.form and (fault := check_schema(node.form)) is not None:
                yield Problem(node=node.id, field="/form", message=f"The form cannot be shown. {fault}")


def _activity(node: ActivityNode, component: Component | None, checks: Checks) -> Iterator[Problem]:
    if component is None:
        yield Problem(
            node=node.id,
            field="/component",
            message=f"There is no component {node.component} in this project. Start a worker that has it, or add it to "
            "the catalogue.",
        )
        return
    yield from misfits_of(node, node.input, component.input_schema, checks, whose=f"The component {component.name}")


def misfits_of(node: Node, value: Json, schema: Schema, checks: Checks, *, whose: str) -> Iterator[Problem]:
    """How a node's `input` does not fit what it is given to."""
    try:
        found = misfits(with_unknowns(value, checks.types_of), schema, checks.work)
    except SchemaUnfit as error:
        yield Problem(
            severity=Severity.WARNING,
            node=node.id,
            field="/input",
            message=f"{whose} has an input schema that cannot be used, so the input is not checked. {error.message}",
        )
        return
    for misfit in found:
        yield Problem(node=node.id, field=f"/input{misfit.field}", message=misfit.message)


def with_unknowns(value: Json, types_of: TypesOf) -> Any:
    """The value as it will be, with an `Unknown` for each expression."""
    match value:
        case str():
            if (text := expression_in(value)) is not None:
                return Unknown(types_of(text))
            return value[1:] if value.startswith("==") else value
        case dict():
            return {key: with_unknowns(item, types_of) for key, item in value.items()}
        case list() | tuple():
            return [with_unknowns(item, types_of) for item in value]
        case _:
            return value


def _ports(node: BranchNode) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, case in enumerate(node.cases):
        field = f"/cases/{number}/port"
        if case.port in (OTHERWISE, ERROR):
            yield Problem(
                node=node.id, field=field, message=f"A case cannot be called {case.port}: that word is taken."
            )
        elif case.port in seen:
            yield Problem(node=node.id, field=field, message=f"Two cases are called {case.port}. Rename one of them.")
        seen.add(case.port)
