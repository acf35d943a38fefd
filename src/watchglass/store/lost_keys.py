"""Projects whose own key no key of this process opens, after a restore without it: given another.

Until then nothing of them that needs the key is copied. What only the lost key could tell is lost with it: marks made
from now on differ from the old ones, and digests of erased runs match nothing any more, so they are deleted.
"""

import os
from dataclasses import dataclass
from uuid import UUID

from watchglass.store.project_keys import KEY_BYTES, key_place
from watchglass.store.scope import Reader, Store
from watchglass.store.seal import Seal, Sealed, Unsealable


@dataclass(frozen=True, slots=True)
class LostKey:
    project_id: UUID
    name: str
    runs: int
    """Erased ones that nothing will know."""
    workflow_ids: int
    """Erased as a whole."""


async def find_lost(reader: Reader, seal: Seal) -> list[LostKey]:
    """By name. Raises Unsealable when this process has no key at all."""
    seal.check()
    rows = await reader.fetch(
        """
        SELECT k.project_id, k.key_id, k.sealed, p.name,
            (SELECT count(*) FROM erased_runs e WHERE e.project_id = k.project_id AND e.of = 'run') AS runs,
            (SELECT count(DISTINCT digest) FROM erased_runs e
             WHERE e.project_id = k.project_id AND e.of = 'workflow') AS workflow_ids
        FROM project_keys k JOIN projects p ON p.id = k.project_id ORDER BY p.name, k.project_id
        """
    )
    return [
        LostKey(row["project_id"], row["name"], row["runs"], row["workflow_ids"])
        for row in rows
        if not _opens(seal, Sealed(row["key_id"], row["sealed"]), row["project_id"])
    ]


async def replace_lost(store: Store, project_id: UUID) -> bool:
    """Give the project another key, and forget what only the old one could tell. False: its key opens."""
    async with store.write() as writer:
        row = await writer.fetchrow(
            "SELECT key_id, sealed FROM project_keys WHERE project_id = $1 FOR UPDATE", project_id
        )
        if row is None or _opens(store.seal, Sealed(row["key_id"], row["sealed"]), project_id):
            return False
        sealed = store.seal.close(os.urandom(KEY_BYTES), place=key_place(project_id))
        await writer.execute(
            "UPDATE project_keys SET key_id = $2, sealed = $3 WHERE project_id = $1",
            project_id,
            sealed.key_id,
            sealed.data,
        )
        await writer.execute("DELETE FROM erased_runs WHERE project_id = $1", project_id)
        return True


def _opens(seal: Seal, sealed: Sealed, project_id: UUID) -> bool:
    try:
        seal.open(sealed, place=key_place(project_id))
    except Unsealable:
        return False
    return True
