"""The expressions of a graph: whether they can be read, and whether what they name is there when they run."""

from collections.abc import Iterator
from dataclasses import dataclass

from watchglass.builder.drawing import Before, Drawing
from watchglass.builder.expression import (
    ExpressionFailed,
    Mention,
    expressions_of,
    mentions,
    name_of,
)
from watchglass.model.graph import (
    ActivityNode,
    ApprovalNode,
    BranchNode,
    EndNode,
    ForEachNode,
    JoinNode,
    Node,
    NodeId,
    ParallelNode,
    SetNode,
    WaitNode,
    WorkflowNode,
)
from watchglass.model.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Placed:
    """An expression in a node."""

    field: str
    text: str
    in_body: bool = False
    """Evaluated for each item, though it stands in the for-each node itself."""


def expressions_in(node: Node) -> Iterator[Placed]:
    """All expressions of a node; raises nothing."""
    match node:
        case ActivityNode() | WorkflowNode():
            yield from _placed(node.input, "/input")
        case SetNode():
            yield from _placed(node.values, "/values")
        case BranchNode():
            for number, case in enumerate(node.cases):
                yield Placed(f"/cases/{number}/when", case.when)
        case ForEachNode():
            yield Placed("/items", node.items)
            if node.result is not None:
                yield Placed("/result", node.result, in_body=True)
        case WaitNode():
            if isinstance(node.seconds, str):
                yield Placed("/seconds", node.seconds)
            if node.until is not None:
                yield Placed("/until", node.until)
        case ApprovalNode():
            yield from _placed(node.question, "/question")
        case EndNode():
            yield from _placed(node.result, "/result")
            yield from _placed(node.message, "/message")


def _placed(value: object, field: str) -> Iterator[Placed]:
    return (Placed(where, text) for where, text in expressions_of(value, field))


def expression_problems(drawing: Drawing, node: Node) -> Iterator[Problem]:
    for placed in expressions_in(node):
        yield from problems_of(drawing, node, placed)


def problems_of(drawing: Drawing, node: Node, placed: Placed) -> Iterator[Problem]:
    """What is wrong with one expression at one node."""
    try:
        named = mentions(placed.text)
    except ExpressionFailed as failure:
        yield Problem(node=node.id, field=placed.field, at=failure.at, message=failure.message)
        return
    names = names_at(drawing, node, in_body=placed.in_body)
    if names is None:
        return  # It never runs, or stands in a circle: what comes before it cannot be said.
    for mention in named:
        fault = _fault(drawing, mention, names)
        if fault is not None:
            severity, message = fault
            yield Problem(severity=severity, node=node.id, field=placed.field, at=mention.at, message=message)


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression can name at a place."""

    node: Node
    before: Before
    loops: tuple[NodeId, ...]
    """The for-each nodes around it, from the inside out."""


def names_at(drawing: Drawing, node: Node, *, in_body: bool = False) -> Names | None:
    """None: the node never runs, or stands in a circle or behind one."""
    before = drawing.before.get(node.id)
    if before is None or node.id not in drawing.reached:
        return None
    loops = tuple(drawing.around(node))
    if in_body:
        inside = [inner for inner in drawing.body(node.id) if inner.id in drawing.before]
        failing = [drawing.before[inner.id].failed for inner in inside]
        failed = before.failed
        for bits in failing:
            failed |= bits
        before = Before(before.completed | drawing.bits(inner.id for inner in inside), failed)
        loops = (node.id, *loops)
    return Names(node, before, loops)


def _fault(drawing: Drawing, mention: Mention, names: Names) -> tuple[Severity, str] | None:
    match mention.root:
        case "input":
            return None
        case "item" | "index":
            if names.loops:
                return None
            return _error(f"{mention.root} is there in the body of a for-each node only.")
        case "nodes" | "errors" | "loops" if mention.node is None:
            return _warn(f"Name one: {mention.root}.<its id, with _ for ->.")
        case "nodes":
            return _fault_of_node(drawing, mention, names)
        case "errors":
            return _fault_of_error(drawing, mention, names)
        case "loops":
            return _fault_of_loop(drawing, mention, names)
        case root:
            return _error(_unknown_name(drawing, root, names))


def _fault_of_node(drawing: Drawing, mention: Mention, names: Names) -> tuple[Severity, str] | None:
    assert mention.node is not None
    node = drawing.nodes.get(mention.node)
    if node is None:
        return _error(f"There is no node with the id {mention.node}.{_alike(drawing, mention.node)}")
    if drawing.is_among(node.id, names.before.completed):
        if isinstance(node, BranchNode | ParallelNode | JoinNode | WaitNode):
            return _warn(f"{drawing.name(node.id)} gives nothing: its output is null.")
        return None
    if drawing.is_among(node.id, names.before.failed):
        return _error(
            f"This runs only when {drawing.name(node.id)} has failed, and then it has no output. "
            f"Its error is errors.{name_of(node.id)}."
        )
    return _error(_not_before(drawing, node, names))


def _fault_of_error(drawing: Drawing, mention: Mention, names: Names) -> tuple[Severity, str] | None:
    assert mention.node is not None
    node = drawing.nodes.get(mention.node)
    if node is None:
        return _error(f"There is no node with the id {mention.node}.{_alike(drawing, mention.node)}")
    if drawing.is_among(node.id, names.before.failed):
        return None
    return _error(f"This is not reached by the port error of {drawing.name(node.id)}, so there is no error to read.")


def _fault_of_loop(drawing: Drawing, mention: Mention, names: Names) -> tuple[Severity, str] | None:
    if mention.node in names.loops:
        return None
    around = ", ".join(name_of(loop) for loop in names.loops)
    return _error(
        f"This is not in the body of {mention.node}. Around it: {around}." if around else "This is in no for-each body."
    )


def _not_before(drawing: Drawing, node: Node, names: Names) -> str:
    name = drawing.name(node.id)
    if node.id == names.node.id:
        return "This is the output of the node itself, which is not there before it has run."
    if node.id in names.loops:
        return f"{name} has an output when all its items are done; inside of its body there is item."
    if node.parent is not None and node.parent not in names.loops:
        return (
            f"{name} runs in the body of {drawing.name(node.parent)}, once for each item; take the output of that node."
        )
    return f"{name} does not come before this, so its output is not there yet."


def _unknown_name(drawing: Drawing, root: str, names: Names) -> str:
    there = ["input", "nodes", "errors", *(("item", "index", "loops") if names.loops else ())]
    if root.replace("_", "-") in drawing.nodes:
        return f"There is nothing called {root} here. The output of that node is nodes.{root}."
    return f"There is nothing called {root} here. There is {', '.join(there)}. A text stands between quotes."


def _alike(drawing: Drawing, node_id: NodeId) -> str:
    wanted = node_id.lower().replace("-", "")
    for known in drawing.nodes.values():
        if known.id.replace("-", "") == wanted or known.name.lower().replace(" ", "") == wanted:
            return f" Is nodes.{name_of(known.id)} meant?"
    return ""


def _error(message: str) -> tuple[Severity, str]:
    return Severity.ERROR, message


def _warn(message: str) -> tuple[Severity, str]:
    return Severity.WARNING, message
