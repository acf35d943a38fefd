"""Built workflows as other workflows call them."""

import json
from typing import Any
from uuid import UUID

from watchglass.store.scope import Reader


async def read_callees(
    reader: Reader, project_id: UUID, names: list[str]
) -> list[tuple[str, int, dict[str, Any] | None]]:
    """Of the built workflows with these names: the name, the newest version (0: only a draft) and its graph."""
    rows = await reader.fetch(
        """
        SELECT w.name, coalesce(v.version, 0) AS version, v.graph
        FROM workflows w
        LEFT JOIN LATERAL (SELECT version, graph FROM workflow_versions v
                           WHERE v.project_id = w.project_id AND v.workflow_id = w.id
                           ORDER BY version DESC LIMIT 1) v ON true
        WHERE w.project_id = $1 AND w.kind = 'built' AND w.name = ANY ($2) ORDER BY w.name
        """,
        project_id,
        names,
    )
    return [(row["name"], row["version"], row["graph"] and json.loads(row["graph"])) for row in rows]
