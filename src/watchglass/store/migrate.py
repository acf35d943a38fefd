"""Create the roles and bring the tables to this version's schema.

Alembic and SQLAlchemy take 45 MB and a second of CPU to load, so only who migrates imports this.
"""

import asyncio
from pathlib import Path

import asyncpg
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from watchglass.errors import StartupError
from watchglass.store.connect import connect
from watchglass.store.roles import Passwords, Roles
from watchglass.store.schema import WORKS_FROM, refuse_newer_schema, tell_who_works_with_it
from watchglass.store.scram import verifier

log = structlog.get_logger()

_ONE_AT_A_TIME = 7_402_611_001
"""Advisory lock: two servers that start together migrate one after the other."""
_TURN_SECONDS = 0.2
_LOCK_MILLISECONDS = 2_000
"""Everybody who comes after a statement that waits for a table waits behind it: so long at most."""
_STATEMENT_MILLISECONDS = 300_000
"""A statement that holds a table for longer was written for a smaller one; it is undone."""
_TRIES = 20
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
"""Between two tries, doubled from the first to the longest: two minutes in all."""
_IN_USE = frozenset({"55P03", "40P01"})
"""SQLSTATEs: no lock in time, and a deadlock, which PostgreSQL breaks by ending one of the two."""
_TOO_LONG = "57014"

_NO_LARGE_OBJECTS = """
    REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer),
        lo_put(oid, bigint, bytea), lo_truncate(integer, integer), lo_truncate64(integer, bigint), lo_unlink(oid),
        lowrite(integer, bytea) FROM PUBLIC
"""
"""Everybody may make large objects, which no policy guards and no project owns. A role that is no superuser can take
the right from nobody: PostgreSQL warns and goes on, and the database's administrator runs this once."""


async def migrate(
    admin_url: str, *, passwords: Passwords, roles: Roles | None = None, revision: str = "head", tries: int = _TRIES
) -> None:
    """Make roles and schema what this version needs; safe to call at every start, and while everything runs.

    `admin_url` logs in as a role with CREATEROLE that owns the database (no superuser needed). `revision`: the schema
    to stop at. A table that is in use is waited for shortly, and asked for `tries` times.

    Raises:
        StartupError: the database cannot be reached, refuses the credentials, has a newer schema, or a table that has
            to change stays in use.
    """
    roles = roles or Roles()
    admin = await connect(admin_url)
    try:
        await _take_turn(admin)
        await refuse_newer_schema(admin)
        await _make_roles(admin, roles, passwords)
        await _upgrade(admin_url, roles, revision, tries)
        await admin.execute(f"REVOKE {roles.definer} FROM {roles.owner}")
        await _grant_version(admin, roles)
    finally:
        await admin.close()


async def _take_turn(admin: asyncpg.Connection) -> None:
    """Wait until nobody else migrates.

    By asking again and again: a statement that waits for an advisory lock counts as a reader of old rows, and an
    index that is built concurrently by whoever holds it would wait for that reader for ever.
    """
    waits = False
    while not await admin.fetchval("SELECT pg_try_advisory_lock($1)", _ONE_AT_A_TIME):
        if not waits:
            log.info("migration_waits", message="Another process is bringing the database up to date; waiting for it …")
        waits = True
        await asyncio.sleep(_TURN_SECONDS)


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
    await _make_role(admin, roles.login, f"LOGIN NOINHERIT PASSWORD {_literal(verifier(passwords.login))}")
    await _make_role(admin, roles.sync, f"LOGIN NOINHERIT PASSWORD {_literal(verifier(passwords.sync))}")
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
    await admin.execute(_NO_LARGE_OBJECTS)


async def _make_role(admin: asyncpg.Connection, name: str, options: str) -> None:
    exists = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    await admin.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {name} {options}")


def _literal(text: str) -> str:
    """What CREATE ROLE takes cannot be a bound parameter."""
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _upgrade(admin_url: str, roles: Roles, revision: str, tries: int) -> None:
    engine = create_async_engine(make_url(admin_url).set(drivername="postgresql+asyncpg"))
    try:
        for turn in range(1, tries + 1):
            try:
                async with engine.connect() as connection:
                    await _run(connection, roles, revision)
                return
            except (DBAPIError, asyncpg.PostgresError) as error:
                await _rest(error, turn, tries)
    finally:
        await engine.dispose()


async def _run(connection: AsyncConnection, roles: Roles, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET ROLE {roles.owner}")
        connection.exec_driver_sql(f"SET lock_timeout = {_LOCK_MILLISECONDS}")
        connection.exec_driver_sql(f"SET statement_timeout = {_STATEMENT_MILLISECONDS}")
        connection.commit()
        config = _config(roles)
        config.attributes["connection"] = connection
        config.attributes["timeouts"] = {"lock": _LOCK_MILLISECONDS, "statement": _STATEMENT_MILLISECONDS}
        command.upgrade(config, revision)
        connection.commit()

    await connection.run_sync(upgrade)


async def _rest(error: DBAPIError | asyncpg.PostgresError, turn: int, tries: int) -> None:
    """Pause before the next try. Revisions that are done stay done; the one that was interrupted left nothing.

    Raises:
        StartupError: that was the last try.
    """
    state = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    if state == _TOO_LONG:
        raise StartupError(
            "The database could not be brought up to date: a change held a table for "
            f"{_STATEMENT_MILLISECONDS // 1000} s and was undone, so that everybody else could go on. Stop the other "
            "processes of Watchglass, and run `watchglass migrate` again when the server has less to do."
        ) from error
    if state not in _IN_USE:
        raise error
    if turn == tries:
        raise StartupError(
            "The database could not be brought up to date: a table that has to change is in use all the time, by a "
            "backup, a report or a transaction that was left open (pg_stat_activity tells which). End it and run "
            "`watchglass migrate` again: what is done is kept, and nothing is half done."
        ) from error
    log.info("migration_waits", message="A table that has to change is in use; trying again in a moment …", turn=turn)
    await asyncio.sleep(min(_PAUSE_SECONDS * 2 ** (turn - 1), _LONGEST_PAUSE_SECONDS))


async def _grant_version(admin: asyncpg.Connection, roles: Roles) -> None:
    await admin.execute(
        f"SET ROLE {roles.owner}; GRANT SELECT ON public.alembic_version TO {roles.login}, {roles.sync}"
    )
    await tell_who_works_with_it(admin, WORKS_FROM)
    await admin.execute("RESET ROLE")
