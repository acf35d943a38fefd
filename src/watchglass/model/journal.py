"""What a built run tells of itself in its memo: which version it is, and what its control nodes did.

Activities, timers and child workflows have events of their own in the history, with the node's id on them. Branches,
joins, set nodes, approvals, for-each nodes, ends and skipped nodes have none: the interpreter writes them down, all
that happened in one workflow task in one memo upsert.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from watchglass.model.drawn import Drawn
from watchglass.model.graph import Json, NodeId

MEMO_RUN = "watchglass"
"""Memo key, set at the start and kept: a `BuiltRun`."""
MEMO_JOURNAL = "watchglass_journal"
"""Memo key, replaced by every upsert: the `JournalEntry`s since the one before."""
READ_GRAPH = "watchglass.read_graph"
"""Type, and id, of the activity that reads the pinned graph: `{"workflowId", "version"}` -> `Graph`."""
DECIDE = "watchglass_decide"
"""Signal: a `Decision`."""
PAUSE = "watchglass.pause"
"""Summary of a timer of no length that the interpreter sets to let the server take down what it did: no node."""
NodeEvent = Literal["started", "completed", "failed", "skipped", "cancelled"]
"""What happened to a node that has no event of its own."""


MOST_COUNTED = 2**31 - 1
"""Versions and items are counted in 32 bits."""
Item = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
Iteration = Annotated[tuple[Item, ...], Field(max_length=100)]


class BuiltRun(Drawn):
    workflow_id: str
    version: Annotated[int, Field(ge=1, le=MOST_COUNTED)]


class JournalEntry(Drawn):
    """What happened to a node, or to one item of a for-each node (then `iteration` ends with the item).

    Of nodes that have events of their own only what those do not tell: skipped, cancelled, failed (and where it went).
    Of items only those that failed while the others go on.
    """

    node: NodeId
    iteration: Iteration = ()
    """Which item of the for-each around it, and of the one around that: outermost first."""
    state: NodeEvent
    at: str
    """ISO 8601, UTC, the workflow's own time."""
    port: str | None = None
    """Where it ended."""
    output: Json = None
    """When its JSON is not above 2 KiB; `cut` otherwise. Of an approval that has started: `{"question"}`."""
    cut: bool = False
    error: str | None = None
    count: Item | None = None
    """Of a for-each node: how many items it has."""


@dataclass(frozen=True, slots=True)
class Journaled:
    """A `JournalEntry` as it was found in a history."""

    event_id: int
    """Of the upsert that holds it."""
    position: int
    """In the upsert, from 0."""
    node_id: str
    iteration: tuple[int, ...]
    state: NodeEvent
    at: int | None
    """Microseconds since 1970, UTC: the workflow's own time, else the upsert's."""
    port: str | None
    output: str | None
    """JSON; None where there is none or it is cut."""
    cut: bool
    error: str | None
    item_count: int | None


class Decision(Drawn):
    """A person's answer to an approval node."""

    node: NodeId
    iteration: Iteration = ()
    approved: bool
    values: dict[str, Json] = Field(default_factory=dict)
    by: str
