"""Workflows: one observed workflow for every Temporal workflow type that is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from watchglass.model.connection import Level
from watchglass.store.scope import Writer
from watchglass.store.text import storable


@dataclass(frozen=True, slots=True)
class ObservedWorkflow:
    id: UUID
    level: Level | None
    """How much of its runs is copied; None: as the connection says."""


async def ensure_observed(writer: Writer, *, project_id: UUID, types: Iterable[str]) -> dict[str, ObservedWorkflow]:
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
            RETURNING id, name, level
        )
        SELECT id, name, level FROM made
        UNION ALL
        SELECT o.id, o.name, o.level FROM workflows o JOIN wanted USING (name)
        WHERE o.project_id = $1 AND o.kind = 'observed'
        """,
        project_id,
        sorted(by_name),
    )
    return {by_name[row["name"]]: ObservedWorkflow(row["id"], row["level"] and Level(row["level"])) for row in rows}
