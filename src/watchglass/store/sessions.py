"""Sessions and tokens as the door sees them: by the hash of their secret."""

from dataclasses import dataclass
from uuid import UUID

from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose secret it is."""

    user_id: UUID
    name: str


async def read_holder(door: Writer, secret_hash: bytes) -> Holder | None:
    """Who holds the session or token; None when it is unknown or over. Keeps when it was last used."""
    row = await door.fetchrow("SELECT user_id, user_name FROM app.identify($1)", secret_hash)
    return None if row is None else Holder(row["user_id"], row["user_name"])


async def revoke_session(door: Writer, secret_hash: bytes) -> None:
    await door.execute("SELECT app.revoke_session($1)", secret_hash)
