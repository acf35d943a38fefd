"""Workflows: one observed workflow for every Temporal workflow type that is found."""

from collections.abc import Iterable
from uuid import UUID

from watchglass.store.scope import Writer
from watchglass.store.text import storable


async def ensure_observed(writer: Writer, *, project_id: UUID, types: Iterable[str]) -> dict[str, UUID]:
    """The project's observed workflow of each Temporal type, made where it is new."""
    by_name = {storable(name) or "(no type)": name for name in types}
    rows = await writer.fetch(
        """
        WITH wanted AS (SELECT DISTINCT name FROM unnest($2::text[]) AS wanted(name)),
        made AS (
            INSERT INTO workflows (project_id, name, kind, temporal_type)
            SELECT $1, name, 'observed', name FROM wanted w
            WHERE NOT EXISTS (SELECT FROM workflows o
                              WHERE o.project_id = $1 AND o.kind = 'observed' AND o.name = w.name)
            ORDER BY name
            ON CONFLICT (project_id, kind, name) DO UPDATE SET temporal_type = excluded.temporal_type
            RETURNING id, name
        )
        SELECT id, name FROM made
        UNION ALL
        SELECT o.id, o.name FROM workflows o JOIN wanted USING (name) WHERE o.project_id = $1 AND o.kind = 'observed'
        """,
        project_id,
        sorted(by_name),
    )
    return {by_name[row["name"]]: row["id"] for row in rows}
