"""Which runs are followed, and by whom: leases that a process renews for as long as it lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey

CHANNEL = "watchglass_follow"
"""NOTIFY channel; its payload is a connection id, never data."""

_WANTED = "greatest(watched_until, retrying_until) > clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Followed:
    key: ExecutionKey
    is_watched: bool
    """Somebody looks at it; else it is followed for its retries alone."""


async def want_watched(writer: Writer, key: ExecutionKey, *, seconds: float, at_most_every: float) -> None:
    """Somebody looks at a run that is not final: have it followed for `seconds` from now.

    Asked again within `at_most_every` seconds it writes nothing, however many people look.
    """
    await writer.execute(
        """
        WITH wanted AS (
            INSERT INTO followed_executions AS f (project_id, execution_id, connection_id, watched_until)
            SELECT project_id, id, connection_id, clock_timestamp() + $3 * interval '1 second'
            FROM workflow_executions e WHERE project_id = $1 AND id = $2 AND NOT is_final
            AND NOT EXISTS (SELECT FROM followed_executions k WHERE k.project_id = $1 AND k.execution_id = $2
                AND k.watched_until >= clock_timestamp() + ($3 - $4) * interval '1 second')
            -- The run before its line, as a sync locks them that finds it retrying.
            FOR KEY SHARE
            ON CONFLICT (project_id, execution_id) DO UPDATE SET watched_until = excluded.watched_until
            WHERE f.watched_until IS NULL
               OR f.watched_until < excluded.watched_until - $4 * interval '1 second'
            RETURNING connection_id
        )
        SELECT pg_notify($5, connection_id::text) FROM wanted
        """,
        key.project_id,
        key.id,
        seconds,
        at_most_every,
        CHANNEL,
    )


async def want_retrying(writer: Writer, runs: Sequence[tuple[ExecutionKey, UUID, float]]) -> None:
    """Have runs (each with its connection and the seconds that this holds) followed because they retry."""
    await writer.execute(
        """
        WITH wanted AS (
            INSERT INTO followed_executions AS f (project_id, execution_id, connection_id, retrying_until)
            SELECT project_id, execution_id, connection_id, clock_timestamp() + seconds * interval '1 second'
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::double precision[])
                AS r (project_id, execution_id, connection_id, seconds)
            ON CONFLICT (project_id, execution_id) DO UPDATE SET retrying_until = excluded.retrying_until
            RETURNING connection_id, leased_until
        )
        SELECT pg_notify($5, connection_id::text) FROM (
            SELECT DISTINCT connection_id FROM wanted
            WHERE leased_until IS NULL OR leased_until <= clock_timestamp()) new
        """,
        [key.project_id for key, _, _ in runs],
        [key.id for key, _, _ in runs],
        [connection_id for _, connection_id, _ in runs],
        [seconds for _, _, seconds in runs],
        CHANNEL,
    )


async def claim_followed(
    writer: Writer, holder: UUID, *, limit: int, watched_only: bool, lease_seconds: float
) -> list[Followed]:
    """Take up to `limit` runs that want to be followed and that nobody follows, watched ones first."""
    rows = await writer.fetch(
        f"""
        WITH free AS (
            SELECT project_id, execution_id FROM followed_executions
            WHERE {_WANTED} AND (leased_until IS NULL OR leased_until <= clock_timestamp())
              AND (NOT $4 OR watched_until > clock_timestamp())
            ORDER BY watched_until DESC NULLS LAST LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        UPDATE followed_executions f SET holder = $1, leased_until = clock_timestamp() + $3 * interval '1 second',
            confirmed_at = NULL
        FROM free WHERE f.project_id = free.project_id AND f.execution_id = free.execution_id
        RETURNING f.project_id, f.execution_id, coalesce(f.watched_until > clock_timestamp(), false) AS is_watched
        """,  # noqa: S608 - own words only
        holder,
        limit,
        lease_seconds,
        watched_only,
    )
    return [_from_row(row) for row in rows]


async def renew_followed(
    writer: Writer, holder: UUID, confirmed: Sequence[tuple[ExecutionKey, float | None]], *, lease_seconds: float
) -> list[Followed]:
    """Renew what `holder` has and is still wanted; returns what it keeps.

    `confirmed` names what it believes to hold, each with how many seconds ago it last saw that the copy equals Temporal
    (None: not yet).
    """
    rows = await writer.fetch(
        f"""
        UPDATE followed_executions f SET leased_until = clock_timestamp() + $5 * interval '1 second',
            confirmed_at = greatest(f.confirmed_at, clock_timestamp() - r.ago * interval '1 second')
        FROM unnest($2::uuid[], $3::uuid[], $4::double precision[]) AS r (project_id, execution_id, ago)
        WHERE f.project_id = r.project_id AND f.execution_id = r.execution_id AND f.holder = $1 AND {_WANTED}
        RETURNING f.project_id, f.execution_id, coalesce(f.watched_until > clock_timestamp(), false) AS is_watched
        """,  # noqa: S608 - own words only
        holder,
        [key.project_id for key, _ in confirmed],
        [key.id for key, _ in confirmed],
        [ago for _, ago in confirmed],
        lease_seconds,
    )
    return [_from_row(row) for row in rows]


async def release_followed(writer: Writer, holder: UUID, keys: Sequence[ExecutionKey]) -> None:
    """`holder` follows these no longer, and somebody else may."""
    await writer.execute(
        """
        UPDATE followed_executions SET holder = NULL, leased_until = NULL, confirmed_at = NULL
        WHERE holder = $1 AND (project_id, execution_id) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[]))
        """,
        holder,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )


async def end_followed(writer: Writer, holder: UUID, key: ExecutionKey) -> None:
    """`holder` saw that the run has ended or retries no more; while somebody looks at it, it may be taken again."""
    await writer.execute(
        """
        DELETE FROM followed_executions f WHERE project_id = $2 AND execution_id = $3 AND holder = $1
            AND (watched_until IS NULL OR watched_until <= clock_timestamp() OR EXISTS (
                SELECT FROM workflow_executions e WHERE e.project_id = $2 AND e.id = $3 AND e.is_final))
        """,
        holder,
        key.project_id,
        key.id,
    )
    await release_followed(writer, holder, [key])


async def forget_unwanted(writer: Writer) -> None:
    """Remove what nobody wants followed any more, and what has ended."""
    await writer.execute(
        f"""
        DELETE FROM followed_executions f WHERE NOT coalesce({_WANTED}, false) OR EXISTS (
            SELECT FROM workflow_executions e
            WHERE e.project_id = f.project_id AND e.id = f.execution_id AND e.is_final)
        """  # noqa: S608 - own words only
    )


async def next_lease_end(reader: Reader, holder: UUID) -> datetime | None:
    """When the first lease that another process holds on a wanted run runs out; None when there is none."""
    end: datetime | None = await reader.fetchval(
        f"""
        SELECT min(coalesce(leased_until, clock_timestamp())) FROM followed_executions
        WHERE {_WANTED} AND holder IS DISTINCT FROM $1
        """,  # noqa: S608 - own words only
        holder,
    )
    return end


def _from_row(row: asyncpg.Record) -> Followed:
    return Followed(ExecutionKey(row["project_id"], row["execution_id"]), row["is_watched"])
