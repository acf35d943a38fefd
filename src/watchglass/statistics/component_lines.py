"""How each component did: one row a component, or one a node of a drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.columns import COMPONENTS
from watchglass.statistics.from_lines import step_figures, together
from watchglass.statistics.line import Line
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_LINES = 500
"""More are added up as one line: names of steps are the user's, and may be made of data."""
_CLOCKS = tuple(measure.name for measure in COMPONENTS.measures)


@dataclass(frozen=True, slots=True)
class ComponentLines:
    rows: Sequence[Mapping[str, Any]]
    """`kind`, `name`, `node_id` and every figure of `COMPONENT_METRICS`; most steps first, ties by name."""
    other: Mapping[str, Any] | None
    """All the lines beyond `MOST_LINES` together."""
    percentile_error: float


async def read_component_lines(reader: Reader, window: Window, *, by_node: bool = False) -> ComponentLines:
    by = ("kind", "name", "node_id") if by_node else ("kind", "name")
    lines, error = await read_exactly(reader, ask(COMPONENTS, window, by=by, measured=_CLOCKS))
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
    return ComponentLines(rows, other, error)


def _most_first(line: Line) -> tuple[Any, ...]:
    kind, name, *node = line.dimensions
    return -line.sums["count"], name, kind, *node


async def read_display_names(reader: Reader, window: Window) -> dict[str, str]:
    """What the project's catalogue calls its activity types."""
    rows = await reader.fetch(
        "SELECT type, component->>'name' AS name FROM components WHERE project_id = $1", window.project_id
    )
    return {row["type"]: row["name"] for row in rows}
