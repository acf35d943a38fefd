"""Create the roles and bring the tables to this version's schema.

Alembic and SQLAlchemy take 45 MB and a second of CPU to load, so only who migrates imports this.
"""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from watchglass.store.connect import connect
from watchglass.store.roles import Passwords, Roles
from watchglass.store.schema import refuse_newer_schema

_ONE_AT_A_TIME = 7_402_611_001
"""Advisory lock: two servers that start together migrate one after the other."""


async def migrate(admin_url: str, *, passwords: Passwords, roles: Roles | None = None) -> None:
    """Make roles and schema what this version needs; safe to call at every start.

    `admin_url` logs in as a role with CREATEROLE that owns the database (no superuser needed); nothing but this
    function uses it.

    Raises:
        StartupError: the database cannot be reached, refuses the credentials, or has a newer schema.
    """
    roles = roles or Roles()
    admin = await connect(admin_url)
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        await refuse_newer_schema(admin)
        await _make_roles(admin, roles, passwords)
        await _upgrade(admin_url, roles)
        await admin.execute(f"REVOKE {roles.definer} FROM {roles.owner}")
        await _grant_version(admin, roles)
    finally:
        await admin.close()


def _config(roles: Roles) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["roles"] = roles
    return config


async def _make_roles(admin: asyncpg.Connection, roles: Roles, passwords: Passwords) -> None:
    await _make_role(admin, roles.owner, "NOLOGIN")
    await _make_role(admin, roles.user, "NOLOGIN")
    await _make_role(admin, roles.definer, "NOLOGIN")
    await _make_role(admin, roles.login, f"LOGIN NOINHERIT PASSWORD {_literal(passwords.login)}")
    await _make_role(admin, roles.sync, f"LOGIN NOINHERIT PASSWORD {_literal(passwords.sync)}")
    database = _identifier(await admin.fetchval("SELECT current_database()"))
    await admin.execute(f"""
        REVOKE ALL ON DATABASE {database} FROM PUBLIC;
        GRANT CONNECT ON DATABASE {database} TO {roles.login}, {roles.sync};
        GRANT CREATE ON DATABASE {database} TO {roles.owner};
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT CREATE, USAGE ON SCHEMA public TO {roles.owner};
        GRANT USAGE ON SCHEMA public TO {roles.login}, {roles.user}, {roles.sync}, {roles.definer};
        GRANT {roles.user} TO {roles.login} WITH INHERIT FALSE, SET TRUE;
        GRANT {roles.definer} TO {roles.owner} WITH INHERIT FALSE, SET TRUE;
        GRANT {roles.owner} TO CURRENT_USER WITH SET TRUE;
        ALTER ROLE {roles.login} SET statement_timeout = '5s';
        ALTER ROLE {roles.login} SET idle_in_transaction_session_timeout = '30s';
        ALTER ROLE {roles.login} SET lock_timeout = '2s';
        ALTER ROLE {roles.sync} SET statement_timeout = '120s';
        ALTER ROLE {roles.sync} SET idle_in_transaction_session_timeout = '60s';
    """)


async def _make_role(admin: asyncpg.Connection, name: str, options: str) -> None:
    exists = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    await admin.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {name} {options}")


def _literal(text: str) -> str:
    """A role's password cannot be a bound parameter."""
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _upgrade(admin_url: str, roles: Roles) -> None:
    engine = create_async_engine(make_url(admin_url).set(drivername="postgresql+asyncpg"))

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET ROLE {roles.owner}")
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.commit()
        config = _config(roles)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()

    try:
        async with engine.connect() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


async def _grant_version(admin: asyncpg.Connection, roles: Roles) -> None:
    await admin.execute(
        f"SET ROLE {roles.owner}; GRANT SELECT ON public.alembic_version TO {roles.login}, {roles.sync}; RESET ROLE"
    )
