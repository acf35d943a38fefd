"""Read JSON that may be a graph: the graph, or what keeps it from being one, with the node and the field."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from watchglass.builder.expression import pointer_step
from watchglass.builder.foreign import refusal, tool_of
from watchglass.model.graph import FORMAT, MAXIMUM_NODES, Graph, NodeKind
from watchglass.model.problem import Problem

MOST: Final = 50
MAXIMUM_DEPTH: Final = 100
"""Lists and objects inside one another in the JSON of a graph."""
MAXIMUM_EDGES: Final = 4 * MAXIMUM_NODES
_STRATEGIES: Final = ("keep_trying", "fail_after", "exponential_backoff", "no_retries")


def parse_graph(json: Any) -> tuple[Graph | None, tuple[Problem, ...]]:
    """The graph that the JSON is; or None, and why it is none. Whether the graph makes sense is `validate`'s to say."""
    fault = _whole_fault(json)
    if fault is not None:
        return None, (fault,)
    try:
        return Graph.model_validate(json), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
        return None, tuple(_problem(json, detail) for detail in details[:MOST])


def is_deeper(json: Any, depth: int) -> bool:
    """Are lists and objects inside one another deeper than that?"""
    waiting = [(json, 0)]
    while waiting:
        value, level = waiting.pop()
        if level > depth:
            return True
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        waiting.extend((item, level + 1) for item in inner)
    return False


def _whole_fault(json: Any) -> Problem | None:
    """What makes a list of its faults pointless."""
    tool = tool_of(json)
    if tool is not None:
        return Problem(message=refusal(tool))
    if not isinstance(json, Mapping):
        return Problem(message=f"A workflow is an object with format: {FORMAT}, a name, nodes and edges.")
    said = json.get("format", FORMAT)
    if said != FORMAT:
        newer = isinstance(said, str) and said.startswith("watchglass/workflow/")
        hint = "It may be of a newer Watchglass." if newer else f"Watchglass reads {FORMAT}."
        return Problem(field="/format", message=f"The format {_shown(said)} is not known. {hint}")
    if is_deeper(json, MAXIMUM_DEPTH):
        return Problem(message=f"A value is nested more than {MAXIMUM_DEPTH} deep.")
    for field, most in (("nodes", MAXIMUM_NODES), ("edges", MAXIMUM_EDGES)):
        there = json.get(field)
        if isinstance(there, list) and len(there) > most:
            return Problem(
                field=f"/{field}",
                message=f"There are {len(there):,} {field}; a workflow has at most {most:,}. Move a part of it into a "
                "workflow of its own, and call that.",
            )
    return None


def _problem(json: Any, detail: ErrorDetails) -> Problem:
    steps = _without_tags(detail["loc"])
    node = _node_at(json, steps)
    edge = steps[1] if len(steps) > 1 and steps[0] == "edges" and isinstance(steps[1], int) else None
    inside = steps[2:] if node is not None or edge is not None else steps
    field = "".join(f"/{pointer_step(str(step))}" for step in inside)
    what = f"“{'.'.join(map(str, inside))}”" if inside else "It"
    return Problem(node=node, edge=edge, field=field or None, message=f"{what} {_said(detail, steps)}")


def _without_tags(location: tuple[int | str, ...]) -> list[int | str]:
    """Pydantic also names the kind of a node, the strategy of a retry, and each type that a value could have."""
    steps = [
        step
        for number, step in enumerate(location)
        if not (
            (number == 2 and location[0] == "nodes" and step in [*NodeKind])
            or (step in _STRATEGIES and location[number - 1] == "retry")
        )
    ]
    if len(steps) > 3 and steps[2] == "seconds":
        del steps[3:]
    return steps


def _node_at(json: Any, steps: list[int | str]) -> str | None:
    if len(steps) < 2 or steps[0] != "nodes" or not isinstance(steps[1], int):
        return None
    node = json["nodes"][steps[1]]
    named = node.get("id") if isinstance(node, Mapping) else None
    return named if isinstance(named, str) else None


def _said(detail: ErrorDetails, steps: list[int | str]) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch" and steps[-1:] == ["name"]:
        return "holds a character that cannot be shown."
    template = _SENTENCES.get(detail["type"], "does not fit: {msg}.")
    limit = next((context[name] for name in ("gt", "ge", "lt", "le", "max_length") if name in context), None)
    return template.format(
        given=_shown(detail.get("input")),
        msg=detail["msg"],
        limit=f"{limit:,g}" if isinstance(limit, int | float) else limit,
        expected=context.get("expected"),
        tag=context.get("tag"),
        tags=", ".join(re.findall(r"'([a-z_]+)'", str(context.get("expected_tags", "")))),
        by=str(context.get("discriminator", "kind")).strip("'\""),
    )


_TEXT: Final = "is {given}, and a text is wanted."
_WHOLE: Final = "is {given}, and a whole number is wanted."
_NUMBER: Final = "is {given}, and a number is wanted."
_OBJECT: Final = "is {given}, and an object is wanted."
_LIST: Final = "is {given}, and a list is wanted."
_SENTENCES: Final = {
    "missing": "is missing.",
    "extra_forbidden": "is no field that there is. Is it misspelt?",
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "is no number that JSON can hold.",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "mapping_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "literal_error": "is {given}, and can be {expected}.",
    "enum": "is {given}, and can be {expected}.",
    "union_tag_not_found": "lacks its {by}.",
    "union_tag_invalid": "has the {by} “{tag}”; there are {tags}.",
    "string_pattern_mismatch": "is {given}: small letters, digits and - are wanted, a letter first, 63 at most.",
    "string_too_short": "is empty.",
    "string_too_long": "has more than {limit} characters.",
    "too_long": "has more than {limit} items.",
    "too_short": "is empty, and needs at least one.",
    "greater_than": "is {given}, and more than {limit} is wanted.",
    "greater_than_equal": "is {given}, and at least {limit} is wanted.",
    "less_than": "is {given}, and less than {limit} is wanted.",
    "less_than_equal": "is {given}, and at most {limit} is wanted.",
}
"""By pydantic's name for what is wrong."""


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)[:40]
        case str():
            return f"“{value if len(value) <= 60 else value[:59] + '…'}”"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
