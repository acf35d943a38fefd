"""Built workflows as other workflows call them."""

import json
from typing import Any
from uuid import UUID

from watchglass.store.scope import Reader


async def read_callees(
    reader: Reader, project_id: UUID, names: list[str]
) -> list[tuple[str, int, dict[str, Any] | None]]:
    """Of the workflows that these names mean: the name, the newest version (0: only a draft) and its graph.

    A name that a workflow had when a version was saved means that one still, as in `versions.version_named`.
    """
    rows = await reader.fetch(
        """
        SELECT wanted.name, coalesce(v.version, 0) AS version, v.graph
        FROM unnest($2::text[]) AS wanted(name)
        LEFT JOIN LATERAL (
            SELECT v.version, v.graph FROM workflow_versions v
            JOIN workflows w ON w.project_id = v.project_id AND w.id = v.workflow_id AND w.rules IS NULL
            WHERE v.project_id = $1 AND v.graph ->> 'name' = wanted.name
            ORDER BY v.created_at DESC, v.version DESC LIMIT 1
        ) v ON true
        WHERE v.version IS NOT NULL OR EXISTS (
            SELECT FROM workflows w WHERE w.project_id = $1 AND w.kind = 'built' AND w.rules IS NULL
                AND w.name = wanted.name)
        ORDER BY wanted.name
        """,
        project_id,
        names,
    )
    return [(row["name"], row["version"], row["graph"] and json.loads(row["graph"])) for row in rows]
