"""Sessions and tokens as the door sees them: by the hash of their secret."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from watchglass.model.permission import Scope
from watchglass.store.scope import Reader, Writer

SignInMethod = Literal["link", "password", "oidc"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose secret it is."""

    user_id: UUID
    name: str
    is_admin: bool
    scope: Scope
    """What it is good for; a session is good for everything."""
    project_id: UUID | None
    """The only project that it opens; None: all of its holder's."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that works."""

    id: UUID
    is_current: bool
    """It is the one that asks."""
    method: SignInMethod
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str | None
    address: str | None


async def read_holder(door: Writer, secret_hash: bytes) -> Holder | None:
    """Who holds the session or token; None when it is unknown or over. Keeps when it was last used."""
    row = await door.fetchrow("SELECT * FROM app.identify($1)", secret_hash)
    if row is None:
        return None
    scope = Scope(row["scope"] or Scope.ADMIN)
    return Holder(row["user_id"], row["user_name"], row["is_admin"], scope, row["project_id"])


async def open_session(
    door: Writer,
    *,
    secret_hash: bytes,
    user_id: UUID,
    lifetime: timedelta,
    method: SignInMethod,
    user_agent: str | None,
    address: str | None,
    replaced: bytes | None,
) -> UUID | None:
    """Open a session and end the one that it replaces; None for a person who is disabled."""
    session_id: UUID | None = await door.fetchval(
        "SELECT app.open_session($1, $2, $3, $4, $5, $6, $7)",
        secret_hash,
        user_id,
        lifetime,
        method,
        user_agent,
        address,
        replaced,
    )
    return session_id


async def act_as(door: Writer, secret_hash: bytes) -> None:
    """Say for the rest of the transaction who does it: the log names the holder of this session or token."""
    await door.execute("SELECT set_config('app.session', $1, true)", secret_hash.hex())


async def act_as_provider(door: Writer) -> None:
    """Say for the rest of the transaction that an OpenID provider decides: the log names no person for it."""
    await door.execute("SELECT set_config('app.by_provider', 'true', true)")


async def revoke_session(door: Writer, secret_hash: bytes) -> None:
    await door.execute("SELECT app.revoke_session($1)", secret_hash)


async def revoke_sessions(door: Writer, user_id: UUID, *, kept: bytes | None) -> int:
    """End a person's sessions but the one with the hash `kept`; returns how many that were."""
    return int(await door.fetchval("SELECT app.revoke_sessions($1, $2)", user_id, kept))


async def read_own_sessions(reader: Reader) -> list[OpenSession]:
    """Those of the person asking that work, the last used first."""
    return [
        OpenSession(**row)
        for row in await reader.fetch(
            "SELECT id, is_current, method, created_at, last_used_at, expires_at, user_agent, address "
            "FROM app.own_sessions()"
        )
    ]


async def revoke_own_session(writer: Writer, session_id: UUID) -> bool:
    """False: the person asking never had such a session."""
    return bool(await writer.fetchval("SELECT app.revoke_own_session($1)", session_id))
