"""Links that open the door once."""

from datetime import timedelta
from uuid import UUID

from watchglass.store.scope import Writer


async def issue_link(door: Writer, *, secret_hash: bytes, user_id: UUID, lifetime: timedelta) -> None:
    await door.execute("SELECT app.issue_sign_in_link($1, $2, $3)", secret_hash, user_id, lifetime)


async def use_link(door: Writer, link_hash: bytes) -> UUID | None:
    """Use up a link and return whose it is; None when it is used, expired or unknown."""
    user_id: UUID | None = await door.fetchval("SELECT app.use_sign_in_link($1)", link_hash)
    return user_id
