"""Whose roll-ups tell apart what means something within a workflow alone, such as its versions."""

from collections.abc import Iterable
from uuid import UUID

from watchglass.statistics.contribution import SPLIT_BY_WORKFLOW_ALONE
from watchglass.store.scope import Reader


async def workflows_told_apart(reader: Reader, project_id: UUID, dimensions: Iterable[str]) -> list[UUID] | None:
    """All workflows of the project where its own roll-ups do not tell these dimensions apart; None where they do."""
    if SPLIT_BY_WORKFLOW_ALONE.keys().isdisjoint(dimensions):
        return None
    rows = await reader.fetch("SELECT id FROM workflows WHERE project_id = $1", project_id)
    return [row["id"] for row in rows]
