"""What is known of each node of a drawing from the runs of a chain: units, journal entries, and counts of them.

`runs` are executions of one project in the order in which they carried each other on; what a later one tells of a node
holds. Reads of loops are answered from the index alone where it can be, because a loop may have 10,000 items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from watchglass.errors import InvalidInput
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_OPEN = "('pending', 'running', 'retrying', 'paused')"
_FAILED = "('failed', 'timed_out', 'terminated')"
_CUT_OFF = "('cancelled', 'abandoned', 'unknown', 'continued_as_new')"


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs whose nodes are asked for."""

    project_id: UUID
    ids: Sequence[UUID]
    is_open: bool
    """The last of them goes on."""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """The newest unit of a node, at one place."""

    execution_id: UUID
    event_id: int
    kind: str
    status: str
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: float | None
    attempt: int | None
    reason: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class JournalFact:
    """The newest journal entry of a node at one place, with the time of the oldest."""

    execution_id: UUID
    event_id: int
    state: str
    first_at: datetime | None
    at: datetime | None
    port: str | None
    output: str | None
    error: str | None
    item_count: int | None
    iteration: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many units or journal entries of a node in loops stand how, over all items."""

    open: int = 0
    completed: int = 0
    failed: int = 0
    cut_off: int = 0
    skipped: int = 0
    first_event: int | None = None
    last_event: int | None = None
    failed_event: int | None = None
    items: int | None = None
    """Of a for-each node: how many items it had, all its runs together."""


@dataclass(frozen=True, slots=True)
class Items:
    """How the items of a for-each node stand."""

    total: int | None
    begun: int
    completed: int
    failed: int
    open: int


async def read_chain_before(reader: Reader, row: Row, *, most: int = 100) -> list[UUID]:
    """The runs that carried on as this one (a row of `read_execution`), and this one last."""
    rows = await reader.fetch(
        """
        WITH RECURSIVE back AS (
            SELECT id, CASE WHEN origin = 'carried_on' THEN continued_from_run_id END AS other, 0 AS steps
            FROM workflow_executions WHERE project_id = $1 AND id = $3
            UNION ALL
            SELECT e.id, CASE WHEN e.origin = 'carried_on' THEN e.continued_from_run_id END, back.steps + 1
            FROM back JOIN execution_keys k ON k.connection_id = $2 AND k.temporal_run_id = back.other
            JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
            WHERE back.steps < $4
        )
        SELECT id FROM back ORDER BY steps DESC
        """,
        row["project_id"],
        row["connection_id"],
        row["id"],
        most,
    )
    return [found["id"] for found in rows]


async def read_units(reader: Reader, runs: Runs, places: Mapping[str, Sequence[int]]) -> dict[str, UnitFact]:
    """The newest unit of each node at its place (the items of the loops around it)."""
    rows = await reader.fetch(
        """
        SELECT DISTINCT ON (c.node_id) c.node_id, c.execution_id, c.event_id, c.kind, c.status,
            coalesce(c.scheduled_at, c.started_at) AS started_at, c.completed_at, c.duration_ms, c.attempt, c.reason,
            c.error_message
        FROM unnest($3::text[], $4::text[]) AS wanted(node_id, iteration)
        JOIN component_executions c ON c.node_id = wanted.node_id AND c.iteration = wanted.iteration::integer[]
        WHERE c.project_id = $1 AND c.execution_id = ANY ($2::uuid[])
        ORDER BY c.node_id, array_position($2::uuid[], c.execution_id) DESC, c.event_id DESC
        """,
        runs.project_id,
        runs.ids,
        *_places(places),
    )
    return {row["node_id"]: _unit(row) for row in rows}


async def read_units_at(reader: Reader, runs: Runs, events: Sequence[int]) -> dict[int, UnitFact]:
    """Units of the last run by their event ids."""
    rows = await reader.fetch(
        """
        SELECT execution_id, event_id, kind, status, coalesce(scheduled_at, started_at) AS started_at, completed_at,
            duration_ms, attempt, reason, error_message
        FROM component_executions WHERE project_id = $1 AND execution_id = $2 AND event_id = ANY ($3::bigint[])
        """,
        runs.project_id,
        runs.ids[-1],
        events,
    )
    return {row["event_id"]: _unit(row) for row in rows}


def _unit(row: Row) -> UnitFact:
    return UnitFact(
        execution_id=row["execution_id"],
        event_id=row["event_id"],
        kind=row["kind"],
        status=row["status"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        duration_ms=row["duration_ms"],
        attempt=row["attempt"],
        reason=row["reason"],
        error_message=row["error_message"],
    )


_NEWEST = """
    SELECT DISTINCT ON (node_id, iteration) node_id, iteration, execution_id, event_id, state, at, port, output, error,
        min(at) OVER place AS first_at, max(item_count) OVER place AS item_count
    FROM node_journal j
    WHERE project_id = $1 AND execution_id = ANY ($2::uuid[]) AND {where}
    WINDOW place AS (PARTITION BY node_id, iteration)
    ORDER BY node_id, iteration, array_position($2::uuid[], execution_id) DESC, event_id DESC, position DESC
"""


async def read_journal(reader: Reader, runs: Runs, places: Mapping[str, Sequence[int]]) -> dict[str, JournalFact]:
    """The newest entry of each node at its place."""
    where = "(node_id, iteration) IN (SELECT n, i::integer[] FROM unnest($3::text[], $4::text[]) AS w(n, i))"
    rows = await reader.fetch(_NEWEST.format(where=where), runs.project_id, runs.ids, *_places(places))
    return {row["node_id"]: _entry(row) for row in rows}


def _entry(row: Row) -> JournalFact:
    return JournalFact(
        execution_id=row["execution_id"],
        event_id=row["event_id"],
        state=row["state"],
        first_at=row["first_at"],
        at=row["at"],
        port=row["port"],
        output=row["output"],
        error=row["error"],
        item_count=row["item_count"],
        iteration=tuple(row["iteration"]),
    )


def _places(places: Mapping[str, Sequence[int]]) -> tuple[list[str], list[str]]:
    return list(places), [_array(items) for items in places.values()]


async def count_units(reader: Reader, runs: Runs, nodes: Sequence[str]) -> dict[str, Counts]:
    """Over all items; event ids are those of the last run."""
    rows = await reader.fetch(
        f"""
        SELECT node_id, count(*) FILTER (WHERE status IN {_OPEN}) AS open,
            count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status IN {_FAILED}) AS failed,
            count(*) FILTER (WHERE status IN {_CUT_OFF}) AS cut_off, 0 AS skipped,
            min(event_id) FILTER (WHERE execution_id = $3) AS first_event,
            max(event_id) FILTER (WHERE execution_id = $3) AS last_event,
            max(event_id) FILTER (WHERE execution_id = $3 AND status IN {_FAILED}) AS failed_event
        FROM component_executions
        WHERE project_id = $1 AND execution_id = ANY ($2::uuid[]) AND node_id = ANY ($4::text[])
            AND iteration IS NOT NULL
        GROUP BY node_id
        """,  # noqa: S608 - own words only
        runs.project_id,
        runs.ids,
        runs.ids[-1],
        nodes,
    )
    return {row["node_id"]: _counts(row) for row in rows}


def _counts(row: Row) -> Counts:
    return Counts(**{name: value for name, value in row.items() if name != "node_id"})


async def count_journal(reader: Reader, runs: Runs, nodes: Mapping[str, int]) -> dict[str, Counts]:
    """Of the newest entries at each place, over all items; `nodes` by how many loops are around each."""
    rows = await reader.fetch(
        f"""
        SELECT node_id, count(*) FILTER (WHERE state = 'started') AS open,
            count(*) FILTER (WHERE state = 'completed') AS completed,
            count(*) FILTER (WHERE state = 'failed') AS failed,
            count(*) FILTER (WHERE state = 'cancelled') AS cut_off,
            count(*) FILTER (WHERE state = 'skipped') AS skipped,
            sum(item_count)::bigint AS items
        FROM ({_NEWEST.format(where="node_id = ANY ($3::text[])")}) newest
        JOIN unnest($3::text[], $4::integer[]) AS wanted(id, depth) ON id = node_id AND cardinality(iteration) = depth
        GROUP BY node_id
        """,  # noqa: S608 - own words only
        runs.project_id,
        runs.ids,
        list(nodes),
        list(nodes.values()),
    )
    return {row["node_id"]: _counts(row) for row in rows}


async def read_waiting(reader: Reader, runs: Runs, nodes: Mapping[str, int]) -> dict[str, JournalFact]:
    """The first place at which each of these nodes stands open; `nodes` as for `count_journal`."""
    rows = await reader.fetch(
        f"""
        SELECT DISTINCT ON (node_id) newest.*
        FROM ({_NEWEST.format(where="node_id = ANY ($3::text[])")}) newest
        JOIN unnest($3::text[], $4::integer[]) AS wanted(id, depth) ON id = node_id AND cardinality(iteration) = depth
        WHERE state = 'started' ORDER BY node_id, iteration
        """,  # noqa: S608 - own words only
        runs.project_id,
        runs.ids,
        list(nodes),
        list(nodes.values()),
    )
    return {row["node_id"]: _entry(row) for row in rows}


async def read_ports(reader: Reader, runs: Runs, nodes: Sequence[str]) -> dict[str, set[str]]:
    """At which ports journal entries say that nodes in loops ended, for whichever item."""
    rows = await reader.fetch(
        """
        SELECT DISTINCT node_id, port FROM node_journal
        WHERE project_id = $1 AND execution_id = ANY ($2::uuid[]) AND node_id = ANY ($3::text[]) AND port IS NOT NULL
        """,
        runs.project_id,
        runs.ids,
        nodes,
    )
    ports: dict[str, set[str]] = {}
    for row in rows:
        ports.setdefault(row["node_id"], set()).add(row["port"])
    return ports


@dataclass(frozen=True, slots=True)
class Loop:
    """A for-each node whose items are asked for."""

    node_id: str
    depth: int
    """How many loops are around it."""
    direct: Sequence[str]
    """The nodes of its body, without those of bodies inside it."""
    body: Mapping[str, int]
    """All of them, by how many loops are around each."""
    fatal: Sequence[str]
    """Those of them whose failure has nowhere to go."""


# A node of the body stands open or has ended; an item is done when each of its own nodes has. Entries of the loop
# itself are about items here, and those of loops inside it about those loops, not about their items.
_ITEMS = f"""
    WITH touched AS (
        SELECT iteration[1:$3] AS item, CASE WHEN node_id = ANY ($5::text[]) THEN node_id END AS direct,
            status IN {_OPEN} AS is_open, status IN {_FAILED} AND node_id = ANY ($6::text[]) AS is_failed,
            status IN {_CUT_OFF} AS is_cut, coalesce(scheduled_at, started_at) AS begun_at, completed_at AS ended_at
        FROM component_executions
        WHERE project_id = $1 AND execution_id = ANY ($2::uuid[]) AND node_id = ANY ($4::text[])
            AND cardinality(iteration) >= $3 AND iteration[1:$8] = $9::text::integer[]
        UNION ALL
        SELECT iteration[1:$3], CASE WHEN node_id = ANY ($5::text[]) THEN node_id END, state = 'started',
            state = 'failed' AND port IS NULL AND (node_id = $7 OR node_id = ANY ($6::text[])), state = 'cancelled',
            first_at, CASE WHEN state <> 'started' THEN at END
        FROM ({_NEWEST.format(where="(node_id = ANY ($4::text[]) OR node_id = $7) AND cardinality(iteration) >= $3")}) n
        JOIN unnest($4::text[] || $7::text, $12::integer[] || $3::integer) AS inside(id, depth)
            ON id = node_id AND depth = cardinality(iteration)
        WHERE iteration[1:$8] = $9::text::integer[]
    ), items AS (
        SELECT item, bool_or(is_open) AS is_open, bool_or(is_failed) AS is_failed, bool_or(is_cut) AS is_cut,
            count(DISTINCT direct) FILTER (WHERE NOT is_open) >= cardinality($5::text[]) AS is_done,
            min(begun_at) AS begun_at, max(ended_at) AS ended_at
        FROM touched GROUP BY item
    ), judged AS (
        SELECT item, begun_at, ended_at, CASE WHEN is_failed THEN 'failed' WHEN is_open AND $10 THEN 'running'
            WHEN is_cut OR is_open THEN 'cancelled' WHEN is_done OR NOT $10 OR $11 THEN 'completed' ELSE 'running'
            END AS status
        FROM items
    )
"""  # noqa: S608 - own words only


def _loop(runs: Runs, loop: Loop, outer: Sequence[int], *, is_over: bool) -> tuple[Any, ...]:
    return (
        runs.project_id,
        runs.ids,
        loop.depth + 1,
        list(loop.body),
        loop.direct,
        loop.fatal,
        loop.node_id,
        len(outer),
        _array(outer),
        runs.is_open,
        is_over,
        list(loop.body.values()),
    )


async def count_items(
    reader: Reader, runs: Runs, loop: Loop, *, total: int | None, is_over: bool, outer: Sequence[int] = ()
) -> Items:
    """Of all runs of the for-each node, or of that at the `outer` items; `is_over`: it has ended itself."""
    row = await reader.fetchrow(
        f"""
        {_ITEMS} SELECT count(*) AS begun, count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'running') AS open
        FROM judged
        """,  # noqa: S608 - own words only
        *_loop(runs, loop, outer, is_over=is_over),
    )
    assert row is not None
    return Items(total, row["begun"], row["completed"], row["failed"], row["open"])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which part of a list of items is wanted."""

    outer: Sequence[int]
    """The items of outer loops; empty: all."""
    status: str | None
    cursor: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class IterationPage:
    rows: list[Row]
    """`iteration`, `status`, `started_at`, `completed_at`, `duration_ms`, `attempt`, `error_message`, `event_id`,
    `execution_id`."""
    next_cursor: str | None


async def read_items(reader: Reader, runs: Runs, loop: Loop, *, is_over: bool, chosen: Chosen) -> IterationPage:
    """The items of a for-each node, in their order."""
    rows = await reader.fetch(
        f"""
        {_ITEMS} SELECT item AS iteration, status, begun_at AS started_at,
            CASE WHEN status <> 'running' THEN ended_at END AS completed_at,
            CASE WHEN status <> 'running'
                THEN greatest(extract(epoch FROM ended_at - begun_at) * 1000, 0)::double precision END AS duration_ms,
            NULL::integer AS attempt, NULL::text AS error_message, NULL::bigint AS event_id, NULL::uuid AS execution_id
        FROM judged
        WHERE ($13::text IS NULL OR status = $13) AND ($14::text IS NULL OR item > $14::text::integer[])
        ORDER BY item LIMIT $15
        """,  # noqa: S608 - own words only
        *_loop(runs, loop, chosen.outer, is_over=is_over),
        chosen.status,
        _after("items", chosen.cursor),
        chosen.limit + 1,
    )
    return _page("items", rows, chosen.limit)


async def read_iterations(
    reader: Reader,
    runs: Runs,
    node_id: str,
    *,
    has_events: bool,
    chosen: Chosen,
    by_occurrence: bool,
) -> IterationPage:
    """What became of one node at each item; `has_events`: its own events tell more than its journal.

    `by_occurrence`: nobody said which item a unit was of, so they are numbered in the order of their events, from 0.
    """
    rows = await reader.fetch(
        f"""
        WITH told AS (
            SELECT item AS iteration, status, coalesce(scheduled_at, started_at) AS started_at, completed_at,
                duration_ms, attempt, error_message, event_id, execution_id, $6::boolean AS is_better
            FROM (SELECT u.*, CASE WHEN $11 THEN ARRAY[u.occurrence - 1] ELSE u.iteration END AS item
                  FROM component_executions u
                  WHERE u.project_id = $1 AND u.execution_id = ANY ($2::uuid[]) AND u.node_id = $3
                      AND u.iteration IS NOT NULL) units
            WHERE item[1:$4] = $5::text::integer[] AND ($7::text IS NULL OR item > $7::text::integer[])
            UNION ALL
            SELECT iteration, CASE WHEN state <> 'started' THEN state WHEN $8 THEN 'running' ELSE 'abandoned' END,
                first_at, CASE WHEN state <> 'started' THEN at END,
                CASE WHEN state <> 'started'
                    THEN greatest(extract(epoch FROM at - first_at) * 1000, 0)::double precision END,
                NULL, error, NULL, execution_id, NOT $6::boolean
            FROM ({_NEWEST.format(where="node_id = $3")}) n
            WHERE iteration[1:$4] = $5::text::integer[] AND ($7::text IS NULL OR iteration > $7::text::integer[])
        ), chosen AS (
            SELECT DISTINCT ON (iteration) * FROM told
            ORDER BY iteration, is_better DESC, array_position($2::uuid[], execution_id) DESC, event_id DESC
        )
        SELECT * FROM chosen WHERE $9::text IS NULL OR status = $9 ORDER BY iteration LIMIT $10
        """,  # noqa: S608 - own words only
        runs.project_id,
        runs.ids,
        node_id,
        len(chosen.outer),
        _array(chosen.outer),
        has_events,
        _after("iterations", chosen.cursor),
        runs.is_open,
        chosen.status,
        chosen.limit + 1,
        by_occurrence,
    )
    return _page("iterations", rows, chosen.limit)


def _after(kind: str, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    (place,) = read_cursor(kind, cursor, types=(list,))
    if not all(type(item) is int and 0 <= item < 2**31 for item in place):
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.")
    return _array(place)


def _array(items: Sequence[int]) -> str:
    return "{" + ",".join(map(str, items)) + "}"


def _page(kind: str, rows: Sequence[Row], limit: int) -> IterationPage:
    page = list(rows[:limit])
    if len(rows) <= limit:
        return IterationPage(page, None)
    return IterationPage(page, write_cursor(kind, [list(page[-1]["iteration"])]))
