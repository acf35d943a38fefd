"""Bearer tokens, as hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from watchglass.model.permission import Scope
from watchglass.store.scope import Reader, Writer


@dataclass(frozen=True, slots=True)
class Token:
    """A token that works, without what it is."""

    id: UUID
    name: str
    scope: Scope
    project_id: UUID | None
    """The only project that it opens; None: all of its holder's."""
    project_name: str | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


async def issue_token(
    door: Writer,
    *,
    secret_hash: bytes,
    user_id: UUID,
    name: str,
    lifetime: timedelta,
    scope: Scope = Scope.ADMIN,
    project_id: UUID | None = None,
    is_of_start: bool = False,
) -> UUID:
    """`is_of_start`: `up` makes it for its own machine, and ends it with the next start."""
    token_id: UUID = await door.fetchval(
        "SELECT app.issue_token($1, $2, $3, $4, $5, $6, $7)",
        secret_hash,
        user_id,
        name,
        lifetime,
        scope.value,
        project_id,
        is_of_start,
    )
    return token_id


async def revoke_token(door: Writer, secret_hash: bytes) -> None:
    await door.execute("SELECT app.revoke_token($1)", secret_hash)


async def revoke_tokens(door: Writer, user_id: UUID) -> int:
    """End a person's tokens but those of the start of `up`; returns how many that were."""
    return int(await door.fetchval("SELECT app.revoke_tokens($1)", user_id))


async def issue_own_token(
    writer: Writer, *, secret_hash: bytes, name: str, lifetime: timedelta, scope: Scope, project_id: UUID | None
) -> UUID | None:
    """A token of the person asking; None when they are no member of the project."""
    token_id: UUID | None = await writer.fetchval(
        "SELECT app.issue_own_token($1, $2, $3, $4, $5)", secret_hash, name, lifetime, scope.value, project_id
    )
    return token_id


async def read_own_tokens(reader: Reader) -> list[Token]:
    """Those of the person asking that work, the newest first."""
    rows = await reader.fetch(
        "SELECT id, name, scope, project_id, project_name, created_at, last_used_at, expires_at FROM app.own_tokens()"
    )
    return [Token(**{**row, "scope": Scope(row["scope"])}) for row in rows]


async def revoke_own_token(writer: Writer, token_id: UUID) -> bool:
    """False: the person asking never had such a token."""
    return bool(await writer.fetchval("SELECT app.revoke_own_token($1)", token_id))
