"""The project's own part of the catalogue. (`store.components` is about steps of runs.)"""

import json
from uuid import UUID

from watchglass.model.catalogue import Component
from watchglass.store.scope import Reader


async def read_components(reader: Reader, project_id: UUID) -> list[Component]:
    """By type."""
    rows = await reader.fetch("SELECT component FROM components WHERE project_id = $1 ORDER BY type", project_id)
    return [Component.model_validate(json.loads(row["component"])) for row in rows]
