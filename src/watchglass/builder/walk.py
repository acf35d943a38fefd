"""Walks a scope from its beginning to its end: each node when its edges say so."""

import asyncio
from dataclasses import replace

from temporalio.exceptions import FailureError

from watchglass.builder.cel.values import kind_of
from watchglass.builder.failures import RunEnds, told, unfit
from watchglass.builder.frame import Frame
from watchglass.builder.group import Group
from watchglass.builder.kinds import Ended, run_node
from watchglass.builder.place import Place, Run
from watchglass.builder.plan import following
from watchglass.builder.state import LoopState, NodeEnd, ScopeState
from watchglass.model.graph import ERROR, NEXT, ActivityNode, ForEachNode, Json, Node, NodeId, WorkflowNode


async def walk(run: Run, frame: Frame) -> None:
    """Run what a scope has until nothing is left to do.

    Raises:
        FailureError: a node failed and had nowhere to go with it.
        RunEnds: an end node was reached.
    """
    group = Group()
    begun: set[NodeId] = set()

    def follow(*ended: NodeId) -> None:
        ends = frame.ports
        runs, skipped = following(frame.scope, ended, ends)
        for node_id in skipped:
            frame.end(frame.scope.nodes[node_id], NodeEnd())
            run.journal.note(node_id, frame.iteration, "skipped")
        for node_id in runs:
            if node_id not in begun:
                begun.add(node_id)
                group.start(one(frame.scope.nodes[node_id]))

    async def one(node: Node) -> None:
        await run.pace.enter()
        end = await _ended(Place(run, frame, node, group))
        frame.end(node, end)
        if not group.is_closing:
            follow(node.id)

    follow(*frame.scope.nodes)
    await group.ended()


async def _ended(place: Place) -> NodeEnd:
    """Run a node, and write down how it ended where no event tells."""
    run, frame, node = place.run, place.frame, place.node
    has_events = isinstance(node, ActivityNode | WorkflowNode)
    try:
        port, output = await (for_each(place, node) if isinstance(node, ForEachNode) else run_node(place))
    except asyncio.CancelledError:
        _note_cancelled(place)
        raise
    except RunEnds:
        raise
    except FailureError as error:
        if place.group.is_closing:
            # A step that was cancelled says so with an error of its own.
            _note_cancelled(place)
            raise asyncio.CancelledError from error
        failure = told(error)
        goes_on = frame.scope.leads_on(node.id, ERROR)
        way = {"port": ERROR} if goes_on else {}
        run.journal.note(node.id, frame.iteration, "failed", error=failure["message"], **way)
        if not goes_on:
            raise
        return NodeEnd(port=ERROR, error=failure)
    if not has_events:
        run.journal.note_output(node.id, frame.iteration, output, port=port)
    return NodeEnd(port=port, output=output)


async def for_each(place: Place, node: ForEachNode) -> Ended:
    """Run the body for each item, as many at once as the node says. The output is the list of their results."""
    run, frame = place.run, place.frame
    items = place.expression(node.items, "/items")
    if not isinstance(items, list):
        raise unfit(node, "/items", f"This gives {kind_of(items)}, which is no list.")
    place.started(count=len(items))
    state = place.state
    loop = state.loop = state.loop or LoopState()
    waiting = iter([*sorted(loop.open), *range(len(loop.results), len(items))])
    group = Group()

    async def work() -> None:
        while True:
            await run.pace.enter()
            index = next(waiting, None)
            if index is None:
                return
            loop.results += [None] * (index + 1 - len(loop.results))
            inner = loop.open.setdefault(index, ScopeState())
            loop.results[index] = await one(frame.inside(node, run.plan.scopes[node.id], inner, index, items[index]))
            del loop.open[index]

    async def one(inside: Frame) -> Json:
        try:
            await walk(run, inside)
            return _result(place, node, inside)
        except FailureError as error:
            if node.on_error == "stop" or group.is_closing:
                raise
            run.journal.note(node.id, inside.iteration, "failed", error=told(error)["message"])
            return None

    for _ in range(min(node.concurrency, len(items))):
        group.start(work())
    await group.ended()
    return NEXT, loop.results


def _result(place: Place, node: ForEachNode, inside: Frame) -> Json:
    """Of one iteration."""
    if node.result is not None:
        return replace(place, frame=inside).expression(node.result, "/result")
    last = inside.scope.last
    return inside.state.ends[last].output if last is not None and last in inside.state.ends else None


def _note_cancelled(place: Place) -> None:
    if not place.run.pace.is_carrying:
        place.run.journal.note(place.node.id, place.frame.iteration, "cancelled")
