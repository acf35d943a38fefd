"""What a run knows of some of its nodes, to try expressions with."""

import json
from collections.abc import Iterable
from typing import Any

from watchglass.api.procedures.values import full_component, own_values
from watchglass.builder.preview import RunData
from watchglass.builder.shape import Shape
from watchglass.errors import Conflict
from watchglass.model.graph import Graph, Json
from watchglass.parse.payload import read_payloads
from watchglass.store.component_reads import read_component
from watchglass.store.executions import read_execution
from watchglass.store.node_states import JournalFact, Runs, UnitFact, read_chain_before, read_journal, read_units
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_FAILED = frozenset({"failed", "timed_out", "terminated"})


async def read_run_data(reader: Reader, row: Row, graph: Graph, nodes: Iterable[str]) -> RunData:
    """The run's input, and what came of these nodes: of those in for-each nodes, at their first items.

    Raises:
        Conflict: the run was not started by the builder, or its input cannot be read.
    """
    shape = Shape(graph)
    places = {node: (0,) * len(shape.around[node]) for node in nodes if node in shape.nodes}
    runs = Runs(row["project_id"], await read_chain_before(reader, row), is_open=False)
    units = await read_units(reader, runs, places)
    entries = await read_journal(reader, runs, places)
    outputs: dict[str, Json] = {}
    errors: dict[str, dict[str, str]] = {}
    lacking: dict[str, str] = {}
    for node in places:
        name = shape.nodes[node].name or node
        try:
            if shape.has_events(node) and node in units:
                outputs |= await _output_of_unit(reader, row, node, units[node], errors)
            elif node in entries:
                outputs |= _output_of_entry(node, entries[node], errors)
            else:
                raise _Nothing("has not run in this run")
        except _Nothing as reason:
            lacking[node] = f"“{name}” {reason}, so there is nothing to show."
    return RunData(await read_input(reader, row), outputs, errors, lacking)


async def read_input(reader: Reader, row: Row) -> Json:
    """What the run was started with. Raises Conflict: it was not started by the builder, or cannot be read."""
    if row["version"] is None:
        raise Conflict("This run was not started from a workflow that is built here. Its input is on its page.")
    given, _result = await own_values(reader, row)
    argument = read_json(given.data if given is not None else None)
    if not isinstance(argument, dict) or "input" not in argument:
        raise Conflict("The input of this run cannot be read: it is encoded, or not yet copied.")
    return argument["input"]


class _Nothing(Exception):
    """Why there is nothing of a node, to be read after its name."""


def read_json(data: bytes | None) -> Any:
    """The one JSON value of serialised payloads; None where it cannot be read as one."""
    payloads = read_payloads(data, limit=None) if data else ()
    if len(payloads) != 1 or payloads[0].text is None or payloads[0].sanitised:
        return None
    try:
        return json.loads(payloads[0].text)
    except (ValueError, RecursionError):
        return None


async def _output_of_unit(
    reader: Reader, row: Row, node: str, unit: UnitFact, errors: dict[str, dict[str, str]]
) -> dict[str, Json]:
    component = await read_component(
        reader, project_id=row["project_id"], execution_id=unit.execution_id, event_id=unit.event_id
    )
    assert component is not None, "its row was read a moment ago, in this transaction"
    if unit.status in _FAILED:
        bottom = component.failure
        # As the interpreter tells it: what an activity or a child failed with, not what that was caused by.
        while bottom is not None and bottom.cause is not None and bottom.kind in ("activity", "child_workflow"):
            bottom = bottom.cause
        if bottom is not None:
            errors[node] = {"type": bottom.type, "message": bottom.message}
        raise _Nothing("failed in this run")
    if unit.status != "completed":
        raise _Nothing("has not ended in this run")
    # The history that holds a large value is that of the run in which the node ran.
    of = row if unit.execution_id == row["id"] else await read_execution(reader, unit.execution_id)
    assert of is not None
    whole = await full_component(reader, of, component)
    return {node: read_json(whole.output.data if whole.output is not None else None)}


def _output_of_entry(node: str, entry: JournalFact, errors: dict[str, dict[str, str]]) -> dict[str, Json]:
    if entry.state == "failed":
        errors[node] = {"type": "", "message": entry.error or ""}
        raise _Nothing("failed in this run")
    if entry.state == "skipped":
        raise _Nothing("was skipped in this run")
    if entry.state != "completed":
        raise _Nothing("has not ended in this run")
    if entry.output is None:
        raise _Nothing("gave nothing, or too much to be kept")
    return {node: json.loads(entry.output)}
