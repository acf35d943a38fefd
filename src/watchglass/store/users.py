"""People, and the projects that are founded for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row

_ADMINS_CHANGE = 7_402_611_002
"""Advisory lock: two administrators who take each other's right away do so one after the other."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in, or could until they were disabled."""

    id: UUID
    name: str
    email: str | None
    is_admin: bool
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    issuers: tuple[str, ...]
    """The OpenID providers that know them."""
    last_seen_at: datetime | None
    """When one of their sessions was last used."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a person is told of themself."""

    name: str
    email: str | None
    is_admin: bool
    has_password: bool
    issuers: tuple[str, ...]


async def ensure_owner(door: Writer, name: str) -> UUID:
    """The person at this machine, who manages the installation; made when there is none."""
    user_id: UUID = await door.fetchval("SELECT app.ensure_owner($1)", name)
    return user_id


async def add_user(
    door: Writer, *, name: str, email: str | None, is_admin: bool, password_hash: str | None
) -> UUID | None:
    """None: the name or the address is somebody's already."""
    user_id: UUID | None = await door.fetchval(
        "SELECT app.add_user($1, $2, $3, $4)", name, email, is_admin, password_hash
    )
    return user_id


async def change_user(
    door: Writer, user_id: UUID, *, is_admin: bool | None, is_disabled: bool | None
) -> Literal["changed", "absent", "last_admin"]:
    """None leaves as it is; a disabled person has no session from then on. Somebody goes on managing people."""
    if is_admin is False or is_disabled:
        await door.execute("SELECT pg_advisory_xact_lock($1)", _ADMINS_CHANGE)
        if await door.fetchval("SELECT app.is_last_admin($1)", user_id):
            return "last_admin"
    changed = await door.fetchval("SELECT app.change_user($1, $2, $3)", user_id, is_admin, is_disabled)
    return "changed" if changed else "absent"


async def read_users(door: Writer) -> list[User]:
    """Everybody, by name."""
    return [_user(row) for row in await door.fetch("SELECT * FROM app.users()")]


async def read_managed_users(reader: Reader) -> list[User]:
    """Everybody, for a person who manages them; nobody for anybody else."""
    return [_user(row) for row in await reader.fetch("SELECT * FROM app.managed_users()")]


async def read_own_account(reader: Reader) -> Account | None:
    row = await reader.fetchrow("SELECT * FROM app.own_account()")
    return None if row is None else Account(**{**row, "issuers": tuple(row["issuers"])})


async def read_password(door: Writer, name: str) -> tuple[UUID | None, str | None]:
    """Who is called so and the hash of their password; each None where there is none, or where they are disabled."""
    row = await door.fetchrow("SELECT user_id, password_hash FROM app.password_of($1)", name)
    assert row is not None
    return row["user_id"], row["password_hash"]


async def save_password(door: Writer, user_id: UUID, password_hash: str) -> None:
    await door.execute("SELECT app.set_password($1, $2)", user_id, password_hash)


async def has_password_users(door: Writer) -> bool:
    """Is there anybody who can sign in with a password?"""
    return bool(await door.fetchval("SELECT app.can_anybody_sign_in()"))


async def find_user_by_email(door: Writer, email: str) -> UUID | None:
    user_id: UUID | None = await door.fetchval("SELECT app.user_of_email($1)", email)
    return user_id


async def find_user_by_identity(door: Writer, *, issuer: str, subject: str) -> UUID | None:
    """Who an OpenID provider's person is here. Keeps when they last came."""
    user_id: UUID | None = await door.fetchval("SELECT app.user_of_identity($1, $2)", issuer, subject)
    return user_id


async def link_identity(door: Writer, *, issuer: str, subject: str, user_id: UUID) -> None:
    await door.execute("SELECT app.link_identity($1, $2, $3)", issuer, subject, user_id)


async def find_project_of(door: Writer, user_id: UUID, project: str) -> UUID | None:
    """A person's project by its name or id."""
    project_id: UUID | None = await door.fetchval("SELECT app.project_of_member($1, $2)", user_id, project)
    return project_id


def _user(row: Row) -> User:
    return User(**{**row, "issuers": tuple(row["issuers"])})


async def ensure_user(door: Writer, name: str) -> UUID:
    """The user of that name, made when there is none."""
    user_id: UUID = await door.fetchval("SELECT app.ensure_user($1)", name)
    return user_id


async def find_user(door: Writer, name: str) -> UUID | None:
    user_id: UUID | None = await door.fetchval("SELECT app.find_user($1)", name)
    return user_id


async def ensure_project(door: Writer, *, name: str, owner: UUID) -> UUID:
    """The owner's project of that name, made when there is none. Other people's of that name are other projects."""
    project_id: UUID = await door.fetchval("SELECT app.ensure_project($1, $2)", name, owner)
    return project_id


async def find_project(door: Writer, *, owner: UUID, address: str, namespace: str, is_embedded: bool) -> UUID | None:
    """The owner's oldest project that looks at the namespace. The embedded server's address may have changed."""
    project_id: UUID | None = await door.fetchval(
        "SELECT app.find_project($1, $2, $3, $4)", owner, address, namespace, is_embedded
    )
    return project_id
