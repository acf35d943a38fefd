"""Fields that an expression asks for, and that the schema of what it asks does not have."""

from collections.abc import Iterator

from watchglass.builder.cel.bounds import ExpressionFailed
from watchglass.builder.expression import Mention, mentions, name_of
from watchglass.builder.known import Known
from watchglass.builder.names import Scope
from watchglass.builder.rules.expressions import Placed, expressions_in
from watchglass.model.graph import Node
from watchglass.model.problem import Problem, Severity

_MOST_SHOWN = 8


def field_problems(scope: Scope, node: Node) -> Iterator[Problem]:
    for placed in expressions_in(node):
        yield from fields_missing(scope, node, placed)


def fields_missing(scope: Scope, node: Node, placed: Placed) -> Iterator[Problem]:
    """Warnings, because a schema may leave out what is there all the same."""
    try:
        named = mentions(placed.text)
    except ExpressionFailed:
        return  # Said elsewhere.
    names = scope.known_at(node, in_body=placed.in_body) if named else None
    for mention in named if names is not None else ():
        message = _missing(names[mention.root], mention) if names and mention.root in names else None
        if message is not None:
            yield Problem(severity=Severity.WARNING, node=node.id, field=placed.field, at=mention.at, message=message)


def _missing(root: Known, mention: Mention) -> str | None:
    steps = mention.path if mention.node is None else (name_of(mention.node), *mention.path)
    known, written = root, mention.root
    for step in steps:
        inner = known.at(step)
        if inner is None:
            return _sentence(known, written, step)
        known, written = inner, f"{written}.{step}"
    return None


def _sentence(known: Known, written: str, step: str) -> str:
    fields = [*known.fields]
    if not fields:
        return f"{written} has no fields, so there is no {step} in it."
    shown = ", ".join(fields[:_MOST_SHOWN]) + (", …" if len(fields) > _MOST_SHOWN else "")
    return f"{written} has no field {step}. Its schema has {shown}."
