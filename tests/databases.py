"""A migrated database of a test module's own, with the roles that the product uses."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest_asyncio

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.model.project import Principal
from watchglass.store.migrate import migrate
from watchglass.store.pool import open_pool
from watchglass.store.roles import Passwords, Roles
from watchglass.store.scope import Store
from watchglass.store.seal import Seal

SECRET_KEY = "the key of an installation that lives for a test"
_serial = itertools.count(1)


def with_user(url: str, *, user: str, password: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}", path=f"/{database}"))


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated database."""

    admin_url: str
    login_url: str
    sync_url: str
    roles: Roles

    async def open_store(self, *, size: int = 4) -> Store:
        return Store(
            login=await open_pool(self.login_url, size=size),
            sync=await open_pool(self.sync_url, size=size),
            user_role=self.roles.user,
            seal=Seal([SECRET_KEY]),
        )


@asynccontextmanager
async def database_on(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    name = f"test_{os.getpid()}_{next(_serial)}"
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    parts = urlsplit(postgres.admin_url)
    admin_url = urlunsplit(parts._replace(path=f"/{name}"))
    roles = Roles(suffix=f"_{name}")
    await migrate(admin_url, passwords=Passwords("login-pw", "sync-pw"), roles=roles)
    yield Database(
        admin_url=admin_url,
        login_url=with_user(admin_url, user=roles.login, password="login-pw", database=name),
        sync_url=with_user(admin_url, user=roles.sync, password="sync-pw", database=name),
        roles=roles,
    )
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    for role in (roles.login, roles.sync, roles.user, roles.definer, roles.owner):
        await admin.execute(f"DROP ROLE {role}")
    await admin.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with database_on(postgres) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(database: Database) -> AsyncIterator[Store]:
    opened = await database.open_store()
    yield opened
    await opened.close()


async def make_project(store: Store, name: str, *, owner: str) -> tuple[UUID, Principal]:
    """A project, and its owner as somebody who asks with a bearer token."""
    token_hash = sha256(f"{owner}-token".encode()).digest()
    async with store.door() as door:
        user_id = await door.fetchval("SELECT app.ensure_user($1)", owner)
        project_id = await door.fetchval("SELECT app.ensure_project($1, $2)", name, user_id)
        if await door.fetchrow("SELECT * FROM app.identify($1)", token_hash) is None:
            await door.execute("SELECT app.issue_token($1, $2, 'test', $3)", token_hash, user_id, timedelta(days=1))
    return project_id, Principal(user_id, owner, token_hash)
