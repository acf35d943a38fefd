"""When stored figures were compared with the runs, by whom, and how that came out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row

_CLAIM_LOCK = 7_402_612
"""Advisory lock: two workers do not claim at the same time."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Of the whole installation."""

    differing: int
    """Buckets that the last comparisons found to differ."""
    oldest_seconds: float
    """Since when the project waits that waits longest to be compared; 0 when there is none."""


async def claim_check(
    writer: Writer, *, release: str, claim_seconds: float, every_seconds: float, is_new_due: bool
) -> UUID | None:
    """The project that is to be compared next, held for `claim_seconds`; None: none is due, or another worker compares.

    `is_new_due`: also those that another release compared last, or none did.
    """
    await writer.execute("SELECT pg_advisory_xact_lock($1)", _CLAIM_LOCK)
    project_id: UUID | None = await writer.fetchval(
        """
        INSERT INTO rollup_checks (project_id, claimed_until)
        SELECT p.project_id, clock_timestamp() + make_interval(secs => $2) FROM rollup_projects p
        LEFT JOIN rollup_checks c ON c.project_id = p.project_id
        WHERE NOT EXISTS (SELECT FROM rollup_checks x WHERE x.claimed_until > clock_timestamp())
          AND (coalesce(c.checked_at, p.rolled_up_at) < clock_timestamp() - make_interval(secs => $3)
               OR $4 AND c.release IS DISTINCT FROM $1)
        ORDER BY c.checked_at NULLS FIRST, p.project_id LIMIT 1
        ON CONFLICT (project_id) DO UPDATE SET claimed_until = excluded.claimed_until
        RETURNING project_id
        """,
        release,
        claim_seconds,
        every_seconds,
        is_new_due,
    )
    return project_id


async def hold_check(writer: Writer, project_id: UUID, *, claim_seconds: float) -> None:
    """It goes on."""
    await writer.execute(
        "UPDATE rollup_checks SET claimed_until = clock_timestamp() + make_interval(secs => $2) WHERE project_id = $1",
        project_id,
        claim_seconds,
    )


async def drop_claim(writer: Writer, project_id: UUID) -> None:
    """It ended before it was over."""
    await writer.execute("UPDATE rollup_checks SET claimed_until = NULL WHERE project_id = $1", project_id)


async def save_check(writer: Writer, project_id: UUID, *, release: str, compared: int, differing: int) -> None:
    """It is over."""
    await writer.execute(
        """
        UPDATE rollup_checks SET claimed_until = NULL, checked_at = clock_timestamp(), release = $2,
            compared_buckets = $3, differing_buckets = $4::bigint,
            drifted_at = CASE WHEN $4::bigint > 0 THEN clock_timestamp() ELSE drifted_at END
        WHERE project_id = $1
        """,
        project_id,
        release,
        compared,
        differing,
    )


async def projects_that_differ(reader: Reader) -> list[UUID]:
    """Those whose figures were found to differ, and were not made anew since."""
    rows = await reader.fetch(
        "SELECT project_id FROM rollup_checks WHERE differing_buckets > 0 "
        "AND (rebuilt_at IS NULL OR rebuilt_at < checked_at) ORDER BY project_id"
    )
    return [row["project_id"] for row in rows]


async def save_rebuilt(writer: Writer, project_id: UUID) -> None:
    """The figures that differed were made anew."""
    await writer.execute("UPDATE rollup_checks SET rebuilt_at = clock_timestamp() WHERE project_id = $1", project_id)


async def read_checks(reader: Reader) -> Checks:
    row = await reader.fetchrow(
        """
        SELECT coalesce(sum(c.differing_buckets), 0)::bigint AS differing, greatest(coalesce(extract(epoch FROM
            statement_timestamp() - min(coalesce(c.checked_at, p.rolled_up_at))), 0), 0)::float8 AS oldest_seconds
        FROM rollup_projects p LEFT JOIN rollup_checks c ON c.project_id = p.project_id
        """
    )
    assert row is not None
    return Checks(row["differing"], row["oldest_seconds"])


async def read_figure_checks(reader: Reader, *, limit: int) -> list[Row]:
    """Of all projects, for administrators; nothing for who is none. Other people's projects are without a name."""
    return list(await reader.fetch("SELECT * FROM app.figure_checks($1)", limit))


async def read_checked_at(reader: Reader, project_id: UUID) -> datetime | None:
    """When a project's figures were compared with its runs last."""
    checked_at: datetime | None = await reader.fetchval(
        "SELECT checked_at FROM rollup_checks WHERE project_id = $1", project_id
    )
    return checked_at
