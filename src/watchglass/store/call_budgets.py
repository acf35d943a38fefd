"""Token buckets that all processes share: how many calls a namespace still gets.

A bucket fills by its rate each second and holds what one second brings. The last fifth is kept for calls that somebody
waits for, and those may go ahead by as much as a full bucket, which the others then wait for.

The rate is the smallest that any working connection to the namespace allows: whoever sets a low one does so to spare
the server. It is never less than an even share of the largest, so that one project's setting cannot stop another's
copy; and a connection that the server has not let in says nothing about it while another one works. After the server
said that it is asked too often the rate is half of what it was, and comes back over a minute.
"""

from dataclasses import dataclass

from watchglass.store.scope import Writer

_RECOVERY_SECONDS = 120
"""In which a rate comes back from nothing to all of it: half of it is back after a minute."""
_LEAST_SHARE = 1 / 32
_SLOWED_TOGETHER_SECONDS = 1
"""Calls that are under way at the same time are refused together, which is one refusal and not many."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which one."""

    address: str
    namespace: str
    kind: str
    rate: float
    """Calls a second where no stored connection says how many."""


@dataclass(frozen=True, slots=True)
class Grant:
    calls: int
    """How many calls may be made now."""
    rate: float
    """Calls a second that all processes may make at present."""
    wait_seconds: float
    """When there are none: how long until there is one."""


async def take_calls(writer: Writer, bucket: Bucket, *, wanted: int, urgent: bool) -> Grant:
    """Take up to `wanted` calls out of the bucket, by the database's clock."""
    row = await _take(writer, bucket, wanted=wanted, urgent=urgent)
    if row is None:
        await writer.execute(
            """
            INSERT INTO call_budgets (address, namespace, kind, tokens, filled_at)
            VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING
            """,
            bucket.address,
            bucket.namespace,
            bucket.kind,
            # More than a bucket holds, so that the first one who takes finds it full.
            bucket.rate + 2,
        )
        row = await _take(writer, bucket, wanted=wanted, urgent=urgent)
    assert row is not None
    return row


async def _take(writer: Writer, bucket: Bucket, *, wanted: int, urgent: bool) -> Grant | None:
    row = await writer.fetchrow(
        f"""
        WITH held AS MATERIALIZED (
            SELECT *, clock_timestamp() AS now FROM call_budgets
            WHERE address = $1 AND namespace = $2 AND kind = $3 FOR UPDATE
        ), allowed AS (
            SELECT coalesce(greatest(min(rate), max(rate) / count(*)), $4) AS rate FROM (
                SELECT CASE $3 WHEN 'visibility' THEN visibility_per_second ELSE history_per_second END AS rate,
                    state = 'ok' AS works, bool_or(state = 'ok') OVER () AS one_works
                FROM connections WHERE address = $1 AND namespace = $2 AND NOT is_embedded
            ) set_rates WHERE works OR NOT one_works
        ), paced AS (
            SELECT held.*, allowed.rate * least(1, slowed_to + extract(epoch FROM now - slowed_at)::double precision
                                                              / {_RECOVERY_SECONDS}) AS rate FROM held, allowed
        ), filled AS (
            SELECT now, rate, greatest(rate, 2) AS size, least(greatest(rate, 2),
                tokens + rate * greatest(extract(epoch FROM now - filled_at)::double precision, 0)) AS tokens FROM paced
        ), usable AS (
            SELECT *, CASE WHEN $6 THEN tokens + size ELSE tokens - size / 5 END AS usable FROM filled
        ), granted AS (
            SELECT *, greatest(least(floor(usable), $5::integer), 0) AS calls FROM usable
        )
        UPDATE call_budgets b SET tokens = g.tokens - g.calls, filled_at = greatest(b.filled_at, g.now)
        FROM granted g WHERE b.address = $1 AND b.namespace = $2 AND b.kind = $3
        RETURNING g.calls::integer AS calls, g.rate, greatest(1 - g.usable, 0) / g.rate AS wait_seconds
        """,  # noqa: S608 - a constant
        bucket.address,
        bucket.namespace,
        bucket.kind,
        bucket.rate,
        wanted,
        urgent,
    )
    return None if row is None else Grant(row["calls"], row["rate"], row["wait_seconds"])


async def slow_calls(writer: Writer, bucket: Bucket) -> None:
    """Halve the rate, and let nobody's stored calls out for now: the server said that it is asked too often."""
    await writer.execute(
        f"""
        UPDATE call_budgets SET tokens = least(tokens, 0), slowed_at = clock_timestamp(), slowed_to = greatest(
            {_LEAST_SHARE}, least(1, slowed_to + extract(epoch FROM clock_timestamp() - slowed_at)::double precision
                                                 / {_RECOVERY_SECONDS}) / 2)
        WHERE address = $1 AND namespace = $2 AND kind = $3
          AND slowed_at < clock_timestamp() - {_SLOWED_TOGETHER_SECONDS} * interval '1 second'
        """,  # noqa: S608 - constants
        bucket.address,
        bucket.namespace,
        bucket.kind,
    )
