"""How each component did: one row a component, or one a node of a drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.columns import COMPONENTS
from watchglass.statistics.component_metrics import COMPONENT_METRICS
from watchglass.statistics.definitions import IS_COUNTED
from watchglass.statistics.from_lines import are_many, step_figures, together
from watchglass.statistics.histogram import RELATIVE_ERROR
from watchglass.statistics.metric import columns
from watchglass.statistics.read import Line, ask, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

MOST_LINES = 500
"""More are added up as one line: names of steps are the user's, and may be made of data."""
_FIGURES = columns(COMPONENT_METRICS, [metric.name for metric in COMPONENT_METRICS])
_SOURCE = f"""
    workflow_executions e
    JOIN component_executions c ON c.project_id = e.project_id AND c.execution_id = e.id AND {IS_COUNTED}
"""
# NULL is its own group, and no node's: the same columns with and without nodes.
_NODE = {True: "c.node_id", False: "NULL::text"}


@dataclass(frozen=True, slots=True)
class ComponentLines:
    rows: Sequence[Mapping[str, Any]]
    """`kind`, `name`, `node_id` and every figure of `COMPONENT_METRICS`; most steps first, ties by name."""
    other: Mapping[str, Any] | None
    """All the lines beyond `MOST_LINES` together."""
    percentile_error: float


async def read_component_lines(reader: Reader, window: Window, *, by_node: bool = False) -> ComponentLines:
    if await are_many(reader, COMPONENTS, window):
        return await _rolled_up(reader, window, by_node=by_node)
    rows = await reader.fetch(
        f"""
        SELECT c.kind, c.name, {_NODE[by_node]} AS node_id, {_FIGURES}, count(*) OVER () AS all_lines,
            sum(sum(c.duration_ms)) OVER () AS all_time
        FROM {_SOURCE} WHERE {window.where} GROUP BY 1, 2, 3
        ORDER BY count DESC, 2, 1, 3 LIMIT {MOST_LINES}
        """,  # noqa: S608 - own words only
        *window.arguments,
    )
    beyond = rows[0]["all_lines"] - len(rows) if rows else 0
    other = dict(await _other(reader, window, rows, by_node)) if beyond else None
    return ComponentLines([dict(row) for row in rows], other, 0)


async def _rolled_up(reader: Reader, window: Window, *, by_node: bool) -> ComponentLines:
    by = ("kind", "name", "node_id") if by_node else ("kind", "name")
    lines = await read_lines(reader, ask(COMPONENTS, window, by=by, with_histogram=True))
    all_time = float(sum(line.sums["duration_sum_ms"] for line in lines))
    # Null words: of those that the roll-ups do not tell apart.
    known = sorted((line for line in lines if line.dimensions[0] is not None), key=_most_first)
    others = [*known[MOST_LINES:], *(line for line in lines if line.dimensions[0] is None)]
    rows = [
        {"kind": kind, "name": name, "node_id": next(iter(node), None) or None, **step_figures(line, all_time)}
        for line in known[:MOST_LINES]
        for kind, name, *node in [line.dimensions]
    ]
    other = step_figures(together(COMPONENTS, others), all_time) if others else None
    if other is not None:
        other["share_of_whole"] = other["share_of_time"]
    return ComponentLines(rows, other, RELATIVE_ERROR)


def _most_first(line: Line) -> tuple[Any, ...]:
    kind, name, *node = line.dimensions
    return -line.sums["count"], name, kind, *node


async def _other(reader: Reader, window: Window, named: Sequence[Row], by_node: bool) -> Row:
    """All steps but those of the named lines. A second look at the steps, and only where there are so many lines."""
    first = len(window.arguments) + 1
    row = await reader.fetchrow(
        f"""
        SELECT figures.*, figures.duration_sum / nullif(${first}::double precision, 0) AS share_of_whole FROM (
            SELECT {_FIGURES}, sum(c.duration_ms) AS duration_sum FROM {_SOURCE} WHERE {window.where}
              AND (c.kind, c.name, coalesce({_NODE[by_node]}, ''))
                  NOT IN (SELECT * FROM unnest(${first + 1}::text[], ${first + 2}::text[], ${first + 3}::text[]))
        ) figures
        """,  # noqa: S608 - own words only
        *window.arguments,
        named[0]["all_time"],
        [row["kind"] for row in named],
        [row["name"] for row in named],
        [row["node_id"] or "" for row in named],
    )
    assert row is not None
    return row


async def read_display_names(reader: Reader, window: Window) -> dict[str, str]:
    """What the project's catalogue calls its activity types."""
    rows = await reader.fetch(
        "SELECT type, component->>'name' AS name FROM components WHERE project_id = $1", window.project_id
    )
    return {row["type"]: row["name"] for row in rows}
