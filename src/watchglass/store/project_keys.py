"""A project's own key: 32 random bytes, sealed with the installation's key.

Being random and not derived, it stays the same when the installation's key is replaced: marks of hidden values keep
their meaning, and erased runs stay known.
"""

import os
from uuid import UUID

from watchglass.store.scope import Reader, Writer
from watchglass.store.seal import Seal, Sealed, Unsealable

KEY_BYTES = 32


async def ensure_project_key(writer: Writer, seal: Seal, project_id: UUID) -> bytes:
    """The key, made now when there is none.

    Raises:
        Unsealable: this process does not have the installation's key, or another than the project's was sealed with.
    """
    try:
        found = await _read(writer, seal, project_id)
        if found is not None:
            return found
        sealed = seal.close(os.urandom(KEY_BYTES), place=key_place(project_id))
    except Unsealable as error:
        raise Unsealable(
            "Values of this project are hidden before they are stored, or runs of it were erased. For both this "
            "process needs the key of this installation, which it does not have. Set WATCHGLASS_SECRET_KEY to what "
            "`up` has, or start it on the data directory of `up`. Nothing is stored until then. Where that key is "
            "lost, `watchglass rotate-key --forget-lost` gives the project another."
        ) from error
    await writer.execute(
        "INSERT INTO project_keys (project_id, key_id, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        project_id,
        sealed.key_id,
        sealed.data,
    )
    made = await _read(writer, seal, project_id)
    assert made is not None
    return made


async def _read(reader: Reader, seal: Seal, project_id: UUID) -> bytes | None:
    row = await reader.fetchrow("SELECT key_id, sealed FROM project_keys WHERE project_id = $1", project_id)
    return None if row is None else seal.open(Sealed(row["key_id"], row["sealed"]), place=key_place(project_id))


def key_place(project_id: UUID) -> str:
    """What the sealed key is bound to."""
    return f"{project_id}/project key"
