"""The runs that carry each other on, as one list: by their first run's id, in the order they started.

Servers since long ago write the first run's id into every run of a chain. Where it is missing, the chain is what the
runs' own links join, followed one by one and not for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from watchglass.errors import InvalidInput
from watchglass.store.cursor import read_cursor, write_cursor
from watchglass.store.moments import micros, moment_at
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row

_LINKS_FOLLOWED = 10_000
"""Each way from the run that was asked for, where no first run id says which runs belong together."""

# Not coalesce(): PostgreSQL takes that for something that could leak what a policy hides, and then the key's own index
# is read for all of the connection's runs instead of for this one.
_FROM_RUN = "CASE WHEN e.reset_from_run_id IS NULL THEN e.continued_from_run_id ELSE e.reset_from_run_id END"
_BY_FIRST_RUN = "e.project_id = $1 AND e.connection_id = $2 AND e.first_run_id = $3"
_BY_LINKS = "e.project_id = $1 AND e.connection_id = $2 AND e.id = ANY ($3::uuid[])"


@dataclass(frozen=True, slots=True)
class Chain:
    """Which runs belong together, as a condition on `workflow_executions e`."""

    where: str
    arguments: tuple[Any, ...]
    first_run_id: str | None


@dataclass(frozen=True, slots=True)
class ChainPage:
    rows: list[Row]
    first_number: int
    """Of the first row, in order of start and from 1; it goes down from there when the newest come first."""
    next_cursor: str | None


async def chain_of(reader: Reader, row: Row) -> Chain:
    """The chain of an execution, as `read_execution` gives it."""
    project_id, connection_id = row["project_id"], row["connection_id"]
    if row["first_run_id"]:
        return Chain(_BY_FIRST_RUN, (project_id, connection_id, row["first_run_id"]), row["first_run_id"])
    ids = await reader.fetch(
        """
        WITH RECURSIVE back AS (
            SELECT id, continued_from_run_id AS other, 1 AS steps FROM workflow_executions
            WHERE project_id = $1 AND id = $3
            UNION ALL
            SELECT e.id, e.continued_from_run_id, back.steps + 1 FROM back
            JOIN execution_keys k ON k.connection_id = $2 AND k.temporal_run_id = back.other
            JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
            WHERE back.steps < $4
        ), forth AS (
            SELECT id, continued_to_run_id AS other, 1 AS steps FROM workflow_executions
            WHERE project_id = $1 AND id = $3
            UNION ALL
            SELECT e.id, e.continued_to_run_id, forth.steps + 1 FROM forth
            JOIN execution_keys k ON k.connection_id = $2 AND k.temporal_run_id = forth.other
            JOIN workflow_executions e ON e.project_id = k.project_id AND e.id = k.execution_id
            WHERE forth.steps < $4
        )
        SELECT id FROM back UNION SELECT id FROM forth
        """,
        project_id,
        connection_id,
        row["id"],
        _LINKS_FOLLOWED,
    )
    return Chain(_BY_LINKS, (project_id, connection_id, [found["id"] for found in ids]), None)


async def read_chain_page(
    reader: Reader, chain: Chain, *, cursor: str | None, limit: int, descending: bool
) -> ChainPage:
    """One page, oldest or newest first.

    Raises:
        InvalidInput: the cursor belongs to another list.
    """
    kind = f"chain{'-' if descending else '+'}"
    place = _read_place(kind, cursor)
    way, beyond, step = ("DESC", "<", -1) if descending else ("ASC", ">", 1)
    after = f"AND (e.started_at, e.id) {beyond} ($4, $5)" if place else ""
    rows = await reader.fetch(
        f"""
        SELECT e.id, e.temporal_run_id, e.status, e.phase, e.problem, e.problem_detail, e.started_at, e.closed_at,
            e.duration_ms, e.component_count, e.failed_component_count, e.retry_count, e.unexpected_retry_count,
            e.error_type, e.error_message, e.origin, e.detail_state, e.source_gone_at, e.superseded_by,
            e.stopped_by_reset,
            {_FROM_RUN} AS from_run_id, k.execution_id AS from_execution_id
        FROM workflow_executions e
        LEFT JOIN execution_keys k ON k.project_id = e.project_id AND k.connection_id = e.connection_id
            AND k.temporal_run_id = {_FROM_RUN}
        WHERE {chain.where} {after}
        ORDER BY e.started_at {way}, e.id {way} LIMIT {limit + 1}
        """,  # noqa: S608 - own words only
        *chain.arguments,
        *(place[:2] if place else ()),
    )
    page = rows[:limit]
    number = place[2] + step if place else await _first_number(reader, chain, descending=descending)
    last = number + step * (len(page) - 1)
    more = len(rows) > limit
    return ChainPage(
        rows=page,
        first_number=number,
        next_cursor=write_cursor(kind, [micros(page[-1]["started_at"]), str(page[-1]["id"]), last]) if more else None,
    )


def _read_place(kind: str, cursor: str | None) -> tuple[datetime, UUID, int] | None:
    """Start, id and number of the last run of the page before."""
    if cursor is None:
        return None
    started, run, number = read_cursor(kind, cursor, types=(int, str, int))
    try:
        return moment_at(started), UUID(run), number
    except (ValueError, OverflowError) as error:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.") from error


async def _first_number(reader: Reader, chain: Chain, *, descending: bool) -> int:
    if not descending:
        return 1
    count: int = await reader.fetchval(
        f"SELECT count(*) FROM workflow_executions e WHERE {chain.where}",  # noqa: S608 - own words only
        *chain.arguments,
    )
    return count


async def read_chain_figures(reader: Reader, chain: Chain) -> Row:
    """Of all runs of the chain that are known: how many, how they came to be, and how long they took together."""
    row = await reader.fetchrow(
        f"""
        SELECT count(*) AS total_runs, min(e.started_at) AS first_started_at, max(e.closed_at) AS last_closed_at,
            coalesce(sum(e.duration_ms), 0) AS total_duration_ms, sum(e.component_count) AS total_components,
            count(*) FILTER (WHERE e.status IN ('pending', 'running', 'paused')) AS open_runs,
            count(*) FILTER (WHERE e.status IN ('failed', 'timed_out', 'terminated')) AS failed_runs,
            count(*) FILTER (WHERE e.detail_state = 'none') AS uncopied_runs,
            count(*) FILTER (WHERE e.source_gone_at IS NOT NULL) AS gone_runs,
            count(*) FILTER (WHERE e.origin = 'carried_on') AS carried_on_runs,
            count(*) FILTER (WHERE e.origin = 'retried') AS retried_runs,
            count(*) FILTER (WHERE e.origin = 'cron') AS cron_runs,
            count(*) FILTER (WHERE e.origin = 'reset') AS reset_runs,
            bool_or(e.temporal_run_id = e.first_run_id OR e.origin = 'first') AS has_first,
            count(*) FILTER (WHERE e.continued_from_run_id IS NOT NULL AND k.execution_id IS NULL) AS missing_places
        FROM workflow_executions e
        LEFT JOIN execution_keys k ON k.connection_id = e.connection_id AND k.temporal_run_id = e.continued_from_run_id
        WHERE {chain.where}
        """,  # noqa: S608 - own words only
        *chain.arguments,
    )
    assert row is not None
    return row


async def read_chain_place(reader: Reader, chain: Chain, row: Row) -> Row:
    """Where an execution stands in its chain: its `number`, and the ids of the runs `before` and `after` it."""
    at = f"(${len(chain.arguments) + 1}::timestamptz, ${len(chain.arguments) + 2}::uuid)"
    others = f"FROM workflow_executions e WHERE {chain.where}"
    found = await reader.fetchrow(
        f"""
        SELECT
            (SELECT count(*) {others} AND (e.started_at, e.id) <= {at}) AS number,
            (SELECT e.id {others} AND (e.started_at, e.id) < {at} ORDER BY e.started_at DESC, e.id DESC LIMIT 1)
                AS before,
            (SELECT e.id {others} AND (e.started_at, e.id) > {at} ORDER BY e.started_at, e.id LIMIT 1) AS after
        """,
        *chain.arguments,
        row["started_at"],
        row["id"],
    )
    assert found is not None
    return found
