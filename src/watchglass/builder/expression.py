"""Expressions: what stands behind `=` in the values of a graph.

The language is CEL (https://cel.dev). An expression sees

    input               what the run was started with
    nodes.<id>          the output of a node that ran before, with _ for - in its id
    errors.<id>         {type, message} of a node that ended at its port `error`
    item, index         in the body of a for-each node
    loops.<id>          {item, index} of a for-each node around the body

and nothing else: no clock, no chance, no machine. It is bounded in steps, in depth and in what it makes (`cel.bounds`).

Everything here is pure. In a workflow, import it passed through:
`with workflow.unsafe.imports_passed_through(): from watchglass.builder import expression`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from watchglass.builder.cel.bounds import Budget, Exhausted, ExpressionFailed, Missing
from watchglass.builder.cel.evaluate import Walk
from watchglass.builder.cel.tree import Expression, arguments_of, macro_variable, parse, place_of
from watchglass.builder.cel.values import Value, to_json
from watchglass.model.graph import Json
from watchglass.model.problem import Problem

__all__ = [
    "Budget",
    "Exhausted",
    "ExpressionFailed",
    "Mention",
    "Missing",
    "check",
    "evaluate",
    "evaluate_value",
    "expression_in",
    "expressions_of",
    "mentions",
    "name_of",
    "node_of",
    "references",
]

ROOTS = ("input", "nodes", "errors", "item", "index", "loops")
"""The names that an expression can begin with."""
_OF_NODES = ("nodes", "errors", "loops")


def name_of(node_id: str) -> str:
    """A node's name in expressions, where a - would be a minus."""
    return node_id.replace("-", "_")


def node_of(name: str) -> str:
    """The node that has this name in expressions; no id holds a _."""
    return name.replace("_", "-")


def expression_in(value: Json) -> str | None:
    """The expression that a value of a graph is, without its `=`; None when the value stands for itself."""
    if isinstance(value, str) and value.startswith("=") and not value.startswith("=="):
        return value[1:]
    return None


def evaluate(text: str, scope: Mapping[str, Value], budget: Budget | None = None) -> Json:
    """Evaluate an expression (without `=`); raises `ExpressionFailed` and nothing else."""
    return _guarded(lambda: to_json(Walk(parse(text), scope, budget or Budget()).value()))


def evaluate_value(value: Json, scope: Mapping[str, Value], budget: Budget | None = None) -> Json:
    """Replace each text that begins with `=` by what it gives; `==x` is the text `=x`.

    The whole value shares one budget. A failure tells the field: a JSON pointer into `value`.
    """
    spent = budget or Budget()
    return _guarded(lambda: to_json(_evaluated(value, scope, spent, "")))


def check(text: str, names: Collection[str] = ROOTS) -> list[Problem]:
    """What is wrong with an expression whatever the values are: how it is written, and names that there are not."""
    try:
        parse(text)
    except ExpressionFailed as failure:
        return [Problem(message=failure.message, at=failure.at)]
    return [
        Problem(message=_no_such_name(mention.root, names), at=mention.at)
        for mention in mentions(text)
        if mention.root not in names
    ]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that an expression begins a path with, such as `nodes.reserve_stock.total`."""

    root: str
    """`input`, `nodes`, …, or a name that there is not."""
    node: str | None
    """The node's id, for `nodes`, `errors` and `loops`; None where the node is not named, as in `size(nodes)`."""
    path: tuple[str, ...]
    """The fields asked for, from the root or the node on, as far as they are written out."""
    at: tuple[int, int]


def mentions(text: str) -> tuple[Mention, ...]:
    """All names that an expression uses, in the order of the text; raises `ExpressionFailed`."""
    return tuple(sorted(_mentions(parse(text), frozenset()), key=lambda mention: mention.at))


def references(text: str) -> frozenset[str]:
    """The ids of the nodes whose output or error an expression uses; raises `ExpressionFailed`."""
    return frozenset(m.node for m in mentions(text) if m.node is not None and m.root in ("nodes", "errors"))


def expressions_of(value: Json, field: str = "") -> Iterator[tuple[str, str]]:
    """The expressions inside a value of a graph: (JSON pointer, expression without `=`)."""
    waiting: list[tuple[str, Json]] = [(field, value)]
    while waiting:
        where, this = waiting.pop()
        if (text := expression_in(this)) is not None:
            yield where, text
        elif isinstance(this, dict):
            waiting.extend((f"{where}/{pointer_step(key)}", item) for key, item in reversed(this.items()))
        elif isinstance(this, list | tuple):
            waiting.extend((f"{where}/{number}", item) for number, item in reversed([*enumerate(this)]))


def pointer_step(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _guarded(work: Any) -> Json:
    try:
        return work()
    except RecursionError:
        raise Exhausted("This is nested too deeply.") from None


def _evaluated(value: Json, scope: Mapping[str, Value], budget: Budget, field: str) -> Value:
    match value:
        case str():
            return _evaluated_text(value, scope, budget, field)
        case dict():
            return {key: _evaluated(item, scope, budget, f"{field}/{pointer_step(key)}") for key, item in value.items()}
        case list() | tuple():
            return [_evaluated(item, scope, budget, f"{field}/{number}") for number, item in enumerate(value)]
        case _:
            return value


def _evaluated_text(value: str, scope: Mapping[str, Value], budget: Budget, field: str) -> Value:
    text = expression_in(value)
    if text is None:
        return value[1:] if value.startswith("==") else value
    try:
        return to_json(Walk(parse(text), scope, budget).value())
    except ExpressionFailed as failure:
        raise type(failure)(failure.message, failure.at, field) from None


def _mentions(tree: Expression, own: frozenset[str]) -> Iterator[Mention]:
    """Walk down; `own` are the names that macros around this place give to items."""
    names, node = [], tree
    while node.data in ("member_dot", "member_index"):
        step = node.children[1]
        names.append(step)
        if isinstance(step, Tree):
            yield from _mentions(step, own)
        inner = node.children[0]
        assert isinstance(inner, Tree)
        node = inner
    if node.data == "primary" and isinstance(ident := node.children[0], Tree) and ident.data == "ident":
        root = str(ident.children[0])
        if root not in own:
            yield _mention(root, [*reversed(names)], place_of(tree))
        return
    yield from _mentions_inside(node, own)


def _mentions_inside(node: Expression, own: frozenset[str]) -> Iterator[Mention]:
    inner = own
    children = [child for child in node.children if isinstance(child, Tree)]
    if node.data == "member_dot_arg" and str(node.children[1]) in _MACRO_NAMES:
        yield from _mentions(children[0], own)
        inner = own | {macro_variable(node)}
        children = [argument for argument in arguments_of(node)[1:] if isinstance(argument, Tree)]
    for child in children:
        yield from _mentions(child, inner)


_MACRO_NAMES = frozenset(("map", "filter", "all", "exists", "exists_one"))


def _mention(root: str, steps: list[Expression | Token], at: tuple[int, int]) -> Mention:
    path = []
    for step in steps:
        name = str(step) if isinstance(step, Token) else _literal_key(step)
        if name is None:
            break
        path.append(name)
    if root in _OF_NODES and path:
        return Mention(root, node_of(path[0]), tuple(path[1:]), at)
    return Mention(root, None, tuple(path), at)


def _literal_key(step: Expression) -> str | None:
    if step.data != "literal":
        return None
    token = step.children[0]
    assert isinstance(token, Token)
    try:
        key = evaluate(str(token), {})
    except ExpressionFailed:
        # A number that is too large, say. It names no field; evaluating the whole will tell.
        return None
    return key if isinstance(key, str) else None


def _no_such_name(name: str, names: Collection[str]) -> str:
    known = ", ".join(sorted(names))
    hint = " A text stands between quotes." if name not in ROOTS else ""
    return f"There is nothing called {name} here. There is {known}.{hint}"
