"""The project's own part of the catalogue. (`store.components` is about steps of runs.)"""

import json
from collections.abc import Sequence
from uuid import UUID

from watchglass.model.catalogue import Component
from watchglass.store.scope import Reader, Writer


async def read_components(reader: Reader, project_id: UUID) -> list[Component]:
    """By type."""
    rows = await reader.fetch("SELECT component FROM components WHERE project_id = $1 ORDER BY type", project_id)
    return [Component.model_validate(json.loads(row["component"])) for row in rows]


async def save_components(writer: Writer, project_id: UUID, components: Sequence[Component]) -> None:
    """Add them, or replace the project's components of those types."""
    await writer.execute(
        """
        INSERT INTO components (project_id, type, source, component)
        SELECT $1, type, source, component::json
        FROM unnest($2::text[], $3::text[], $4::text[]) AS given(type, source, component)
        ON CONFLICT (project_id, type) DO UPDATE
            SET source = excluded.source, component = excluded.component, changed_at = clock_timestamp()
        """,
        project_id,
        [component.type for component in components],
        [component.source.value for component in components],
        [json.dumps(component.model_dump(mode="json")) for component in components],
    )


async def remove_component(writer: Writer, project_id: UUID, type: str) -> bool:
    """True when there was one."""
    done = await writer.execute("DELETE FROM components WHERE project_id = $1 AND type = $2", project_id, type)
    return bool(done != "DELETE 0")
