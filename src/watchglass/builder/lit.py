"""A run on its drawing: how each node stands, which edges were taken, and the way to the node that failed the run.

Nodes outside of loops are shown as they are, and nodes inside by counts over all items, unless an item of each loop
around them was picked.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from watchglass.builder.shape import Shape
from watchglass.model.graph import EACH, ERROR, NEXT, ApprovalNode, EndNode, ForEachNode, NodeId, NodeKind, ports_of
from watchglass.model.status import ComponentStatus, ExecutionStatus
from watchglass.store.node_states import (
    Counts,
    Items,
    JournalFact,
    Loop,
    Runs,
    UnitFact,
    count_items,
    count_journal,
    count_units,
    read_journal,
    read_ports,
    read_units,
    read_units_at,
    read_waiting,
)
from watchglass.store.scope import Reader

Light = ComponentStatus | Literal["skipped", "not_reached", "waiting_for_approval"]
_OPEN = frozenset({"pending", "running", "retrying", "paused", "waiting_for_approval"})
_ENDED_BADLY = frozenset({"failed", "timed_out", "terminated"})


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is needed of the run itself."""

    status: ExecutionStatus
    started_at: datetime
    closed_at: datetime | None
    failed_event: int | None
    """Of the step that brought it down."""
    failed_node: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """An approval that waits."""

    question: str
    form: dict[str, Any]
    iteration: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NodeLight:
    node_id: NodeId
    status: Light = "not_reached"
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: float | None = None
    attempt: int | None = None
    reason: str | None = None
    error_message: str | None = None
    port: str | None = None
    event_id: int | None = None
    execution_id: UUID | None = None
    """The run of the chain that the event is of."""
    question: Question | None = None
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class Lit:
    nodes: list[NodeLight]
    taken_edges: list[int]
    failing_path: list[NodeId]


async def light(
    reader: Reader, runs: Runs, run: RunFacts, shape: Shape, *, picked: Mapping[NodeId, int], by_rules: bool
) -> Lit:
    """`picked`: which item of a for-each node to show. `by_rules`: there is no journal, and nobody said which item a
    unit is of."""
    places = {} if by_rules else _places(shape, picked)
    if by_rules:
        places = {node_id: () for node_id, loops in shape.around.items() if not loops}
    inside = {node_id: len(loops) for node_id, loops in shape.around.items() if node_id not in places}
    units = await read_units(reader, runs, places)
    journal = await read_journal(reader, runs, places)
    many = await _Many.read(reader, runs, shape, inside)
    loops = await _items(reader, runs, shape, places, journal, many) if not by_rules else {}
    lights = {
        node_id: _at(shape, node_id, place, units.get(node_id), journal.get(node_id), run)
        for node_id, place in places.items()
    } | {node_id: many.light(shape, node_id, run, loops) for node_id in inside}
    lights = {node_id: replace(one, items=loops.get(node_id, one.items)) for node_id, one in lights.items()}
    lights = _begun(shape, lights, run)
    if by_rules:
        lights = _passed(shape, lights, run)
        taken = _taken_by_rules(shape, lights)
    else:
        taken = _taken(shape, lights, many)
    failed = _failed_node(shape, lights, run)
    return Lit(
        [lights[node.id] for node in shape.graph.nodes],
        sorted(taken),
        _path(shape, failed, taken) if failed else [],
    )


def loop_of(shape: Shape, node_id: NodeId) -> Loop:
    body = {inner: len(shape.around[inner]) for inner in shape.body(node_id)}
    return Loop(node_id, len(shape.around[node_id]), shape.direct(node_id), body, shape.fatal(node_id))


def _places(shape: Shape, picked: Mapping[NodeId, int]) -> dict[NodeId, tuple[int, ...]]:
    """The nodes of which one place is shown, and which."""
    return {
        node_id: tuple(picked[loop] for loop in loops)
        for node_id, loops in shape.around.items()
        if all(loop in picked for loop in loops)
    }


async def _items(
    reader: Reader,
    runs: Runs,
    shape: Shape,
    places: Mapping[NodeId, tuple[int, ...]],
    journal: Mapping[NodeId, JournalFact],
    many: "_Many",
) -> dict[NodeId, Items]:
    """How the items of each for-each node stand that has begun."""
    found: dict[NodeId, Items] = {}
    for node in shape.graph.nodes:
        if not isinstance(node, ForEachNode):
            continue
        if node.id in places:
            entry = journal.get(node.id)
            if entry is not None and entry.state != "skipped":
                found[node.id] = await count_items(
                    reader,
                    runs,
                    loop_of(shape, node.id),
                    total=entry.item_count,
                    is_over=entry.state != "started",
                    outer=places[node.id],
                )
        elif (counts := many.journal.get(node.id)) is not None:
            is_over = counts.open == 0
            found[node.id] = await count_items(
                reader, runs, loop_of(shape, node.id), total=counts.items, is_over=is_over
            )
    return found


def _at(
    shape: Shape,
    node_id: NodeId,
    place: tuple[int, ...],
    unit: UnitFact | None,
    entry: JournalFact | None,
    run: RunFacts,
) -> NodeLight:
    """A node at one place."""
    if unit is not None and (entry is None or shape.has_events(node_id)):
        return _of_unit(shape, node_id, unit, entry)
    return NodeLight(node_id) if entry is None else _of_entry(shape, node_id, place, entry, run)


def _of_unit(shape: Shape, node_id: NodeId, unit: UnitFact, entry: JournalFact | None) -> NodeLight:
    port = None
    if unit.status == ComponentStatus.COMPLETED:
        port = NEXT
    elif unit.status in _ENDED_BADLY and shape.leads_on_after_failure(node_id):
        port = ERROR
    return NodeLight(
        node_id,
        ComponentStatus(unit.status),
        unit.started_at,
        unit.completed_at,
        unit.duration_ms,
        unit.attempt,
        unit.reason,
        unit.error_message,
        (entry.port if entry else None) or port,
        unit.event_id,
        unit.execution_id,
    )


def _of_entry(shape: Shape, node_id: NodeId, place: tuple[int, ...], entry: JournalFact, run: RunFacts) -> NodeLight:
    node = shape.nodes[node_id]
    if entry.state == "skipped":
        return NodeLight(node_id, "skipped")
    has_ended = entry.state != "started"
    question = None
    status: Light
    if isinstance(node, EndNode) and node.outcome == "failed":
        status = ComponentStatus.FAILED
    elif has_ended:
        status = ComponentStatus(entry.state)
    elif run.status is ExecutionStatus.CONTINUED_AS_NEW:
        status = ComponentStatus.CONTINUED_AS_NEW
    elif not run.status.is_open:
        status = ComponentStatus.ABANDONED
    elif isinstance(node, ApprovalNode):
        status, question = "waiting_for_approval", _question(node, entry, place)
    else:
        status = ComponentStatus.RUNNING
    only_port = NEXT if entry.state == "completed" and NEXT in ports_of(node) else None
    return NodeLight(
        node_id,
        status,
        entry.first_at,
        entry.at if has_ended else None,
        _milliseconds(entry.first_at, entry.at) if has_ended else None,
        error_message=entry.error,
        port=entry.port or only_port,
        question=question,
    )


def _milliseconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max((end - start).total_seconds() * 1000, 0.0)


def _question(node: ApprovalNode, entry: JournalFact, place: tuple[int, ...]) -> Question:
    told = json.loads(entry.output) if entry.output else None
    asked = told.get("question") if isinstance(told, dict) else node.question
    return Question(asked if isinstance(asked, str) else json.dumps(asked), node.form, place)


@dataclass(frozen=True, slots=True)
class _Many:
    """What is known of nodes in loops, over all items."""

    units: Mapping[NodeId, Counts]
    journal: Mapping[NodeId, Counts]
    ports: Mapping[NodeId, Collection[str]]
    told: Mapping[int, UnitFact]
    """Some units, by event id."""
    waiting: Mapping[NodeId, JournalFact]

    @classmethod
    async def read(cls, reader: Reader, runs: Runs, shape: Shape, inside: Mapping[NodeId, int]) -> "_Many":
        if not inside:
            return cls({}, {}, {}, {}, {})
        units = await count_units(
            reader, runs, [node_id for node_id in inside if shape.has_events(node_id) or _waits(shape, node_id)]
        )
        journal = await count_journal(reader, runs, inside)
        told = [
            event
            for counts in units.values()
            for event in (counts.first_event, counts.failed_event or counts.last_event)
            if event is not None
        ]
        approvals = {
            node_id: depth for node_id, depth in inside.items() if shape.nodes[node_id].kind is NodeKind.APPROVAL
        }
        return cls(
            units,
            journal,
            await read_ports(reader, runs, list(inside)),
            await read_units_at(reader, runs, told) if told else {},
            await read_waiting(reader, runs, approvals) if approvals and runs.is_open else {},
        )

    def light(self, shape: Shape, node_id: NodeId, run: RunFacts, loops: Mapping[NodeId, Items]) -> NodeLight:
        units, journal = self.units.get(node_id, Counts()), self.journal.get(node_id, Counts())
        counts = _with_journal(units, journal)
        if not shape.has_events(node_id):
            counts = replace(journal, open=max(journal.open, units.open))
        around = loops.get(shape.around[node_id][-1])
        begun = counts.open + counts.completed + counts.failed + counts.cut_off
        first = self.told.get(counts.first_event or 0)
        last = self.told.get(counts.failed_event or counts.last_event or 0)
        node, entry = shape.nodes[node_id], self.waiting.get(node_id)
        return NodeLight(
            node_id,
            _together(counts, run, is_asked=entry is not None),
            started_at=first.started_at if first else None,
            completed_at=last.completed_at if last and not counts.open else None,
            attempt=last.attempt if last else None,
            reason=last.reason if last else None,
            error_message=last.error_message if last else None,
            event_id=last.event_id if last else None,
            execution_id=last.execution_id if last else None,
            question=_question(node, entry, entry.iteration) if entry and isinstance(node, ApprovalNode) else None,
            items=Items(around.total if around else None, begun, counts.completed, counts.failed, counts.open)
            if begun
            else None,
        )

    def ended_at(self, shape: Shape, node_id: NodeId) -> set[str]:
        """The ports at which the node ended, for whichever item."""
        ports = set(self.ports.get(node_id, ()))
        units, journal = self.units.get(node_id, Counts()), self.journal.get(node_id, Counts())
        if units.failed and shape.leads_on_after_failure(node_id):
            ports.add(ERROR)
        is_plain = NEXT in ports_of(shape.nodes[node_id])
        if units.completed or (journal.completed and is_plain and not shape.has_events(node_id)):
            ports.add(NEXT)
        return ports


def _waits(shape: Shape, node_id: NodeId) -> bool:
    return shape.nodes[node_id].kind is NodeKind.WAIT


def _with_journal(units: Counts, journal: Counts) -> Counts:
    """Some nodes never became a unit: they were passed over, or what they were to be given could not be made."""
    return replace(
        units,
        skipped=journal.skipped,
        failed=max(units.failed, journal.failed),
        cut_off=max(units.cut_off, journal.cut_off),
    )


def _together(counts: Counts, run: RunFacts, *, is_asked: bool) -> Light:
    """One word for a node that stands differently at different items: what needs somebody comes first."""
    if is_asked:
        return "waiting_for_approval"
    if counts.failed:
        return ComponentStatus.FAILED
    if counts.open:
        return ComponentStatus.RUNNING if run.status.is_open else ComponentStatus.ABANDONED
    if counts.cut_off:
        return ComponentStatus.CANCELLED
    if counts.completed:
        return ComponentStatus.COMPLETED
    return "skipped" if counts.skipped else "not_reached"


def _taken(shape: Shape, lights: Mapping[NodeId, NodeLight], many: _Many) -> set[int]:
    taken = set()
    for node_id, one in lights.items():
        ports = {one.port} if one.port else set()
        if node_id in many.units or node_id in many.journal or node_id in many.ports:
            ports |= many.ended_at(shape, node_id)
        if one.items is not None and one.items.begun and isinstance(shape.nodes[node_id], ForEachNode):
            ports.add(EACH)
        taken |= {place for place, edge in shape.out_of[node_id] if edge.port in ports}
    return taken


def _begun(shape: Shape, lights: dict[NodeId, NodeLight], run: RunFacts) -> dict[NodeId, NodeLight]:
    """Where something was reached, the start was left, whether or not anybody wrote that down."""
    if all(one.status == "not_reached" for one in lights.values()):
        return lights
    start = {node.id for node in shape.graph.nodes if node.kind is NodeKind.START}
    left = {
        node_id: NodeLight(node_id, ComponentStatus.COMPLETED, run.started_at, port=NEXT)
        for node_id in start
        if lights[node_id].status == "not_reached"
    }
    return lights | left


def _passed(shape: Shape, lights: dict[NodeId, NodeLight], run: RunFacts) -> dict[NodeId, NodeLight]:
    """Where nobody wrote down what control nodes did: those that every way to a unit leads through were passed."""
    reached = shape.surely_passed([node_id for node_id, one in lights.items() if one.status != "not_reached"])
    return {
        node_id: replace(one, status=_passing(shape, node_id, lights, run))
        if one.status == "not_reached" and node_id in reached
        else one
        for node_id, one in lights.items()
    }


def _passing(shape: Shape, node_id: NodeId, lights: Mapping[NodeId, NodeLight], run: RunFacts) -> Light:
    """A loop goes on while something in it does."""
    body = shape.body(node_id) if isinstance(shape.nodes[node_id], ForEachNode) else ()
    goes_on = run.status.is_open and any(lights[inner].status in _OPEN for inner in body)
    return ComponentStatus.RUNNING if goes_on else ComponentStatus.COMPLETED


def _taken_by_rules(shape: Shape, lights: Mapping[NodeId, NodeLight]) -> set[int]:
    """Edges between nodes that were passed, from the port at which the first of them ended where that is known."""
    taken = set()
    for node_id, edges in shape.out_of.items():
        one = lights[node_id]
        if one.status == "not_reached":
            continue
        ports = _ports_by_rules(shape, one)
        taken |= {
            place
            for place, edge in edges
            if lights[edge.target].status != "not_reached" and (ports is None or edge.port in ports)
        }
    return taken


def _ports_by_rules(shape: Shape, one: NodeLight) -> set[str] | None:
    """None: whichever leads to what was reached."""
    if not shape.has_events(one.node_id):
        return None
    counts = one.items
    ports = {one.port} if one.port else set()
    if counts is not None:
        ports |= {NEXT} if counts.completed else set()
        ports |= {ERROR} if counts.failed else set()
    return ports


def _failed_node(shape: Shape, lights: Mapping[NodeId, NodeLight], run: RunFacts) -> NodeId | None:
    if run.status not in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT):
        return None
    ends = [node.id for node in shape.graph.nodes if isinstance(node, EndNode)]
    ended = next((node_id for node_id in ends if lights[node_id].status == ComponentStatus.FAILED), None)
    if ended is not None:
        return ended
    # A failure that went on by an edge of its own was not the end, even where its words are those of the run's.
    if run.failed_node in shape.nodes and not shape.leads_on_after_failure(run.failed_node):
        return run.failed_node
    failed = [
        one
        for one in lights.values()
        if one.status in _ENDED_BADLY and not shape.leads_on_after_failure(one.node_id) and one.port is None
    ]
    # In a body before the loop around it, which fails because of it; the newest of several.
    newest = max(failed, key=lambda one: (len(shape.around[one.node_id]), _moment(one)), default=None)
    return newest.node_id if newest else None


def _moment(one: NodeLight) -> float:
    moment = one.completed_at or one.started_at
    return moment.timestamp() if moment else 0.0


def _path(shape: Shape, failed: NodeId, taken: Collection[int]) -> list[NodeId]:
    """From the start to the node that failed, by edges that were taken; from where nothing leads further back if none
    comes from the start."""
    came_from: dict[NodeId, NodeId] = {}
    look: Sequence[NodeId] = [failed]
    seen = {failed}
    end = failed
    while look:
        following: list[NodeId] = []
        for node_id in look:
            end = node_id
            if shape.nodes[node_id].kind is NodeKind.START:
                return _walk(node_id, came_from)
            for place, edge in shape.into[node_id]:
                if place in taken and edge.source not in seen:
                    seen.add(edge.source)
                    came_from[edge.source] = node_id
                    following.append(edge.source)
        look = following
    return _walk(end, came_from)


def _walk(first: NodeId, came_from: Mapping[NodeId, NodeId]) -> list[NodeId]:
    path = [first]
    while path[-1] in came_from:
        path.append(came_from[path[-1]])
    return path
