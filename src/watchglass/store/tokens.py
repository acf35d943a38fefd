"""Bearer tokens, as hashes."""

from datetime import timedelta
from uuid import UUID

from watchglass.store.scope import Writer


async def issue_token(door: Writer, *, secret_hash: bytes, user_id: UUID, name: str, lifetime: timedelta) -> None:
    await door.execute("SELECT app.issue_token($1, $2, $3, $4)", secret_hash, user_id, name, lifetime)
