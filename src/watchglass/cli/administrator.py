"""The database as its administrator sees it: every row, whoever's it is. For backup and restore alone."""

from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import asyncpg

from watchglass.cli.database import with_login
from watchglass.cli.running import running_on
from watchglass.config import Settings
from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.cluster import SUPERUSER, cluster_home
from watchglass.embedded.postgres import PASSWORD_FILE, EmbeddedPostgres
from watchglass.errors import StartupError
from watchglass.store.connect import connect


async def administrator_url(stack: AsyncExitStack, settings: Settings) -> str:
    """URL of the role that sees everything: of the database that the settings name, or the embedded one's.

    The embedded one is started for as long as `stack` is open when no `up` runs it.

    Raises:
        StartupError: there is no database, or a role is named that is not the administrator.
    """
    if settings.admin_database_url:
        return settings.admin_database_url
    if settings.database_url:
        raise StartupError(
            "WATCHGLASS_DATABASE_URL names a role that sees only a part of the rows. Set WATCHGLASS_ADMIN_DATABASE_URL "
            "to the role that owns the database."
        )
    data_dir = settings.data_dir.expanduser().resolve()
    running = running_on(data_dir)
    if running is not None:
        password = (data_dir / PASSWORD_FILE).read_text().strip()
        return with_login(running.login_url, SUPERUSER, password)
    if not data_dir.exists() or not (cluster_home(data_dir, account_for_postgres()) / "pgdata").exists():
        raise StartupError(
            f"There is no database in {data_dir}. Name the data directory with --data-dir, or a database of your own "
            "with WATCHGLASS_ADMIN_DATABASE_URL."
        )
    server = EmbeddedPostgres(data_dir)
    await server.start()
    stack.push_async_callback(server.stop)
    return server.admin_url


async def open_as_administrator(url: str) -> asyncpg.Connection:
    """One connection of a role that Row Level Security hides nothing from.

    Raises:
        StartupError: the database cannot be reached, or the role does not see every row.
    """
    connection = await connect(url)
    sees_all = await connection.fetchval("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if not sees_all:
        await connection.close()
        raise StartupError(
            f"The role {urlsplit(url).username} sees only a part of the rows, as Row Level Security applies to it. "
            f"Backup and restore need all of them: have a superuser run ALTER ROLE {urlsplit(url).username} BYPASSRLS, "
            "name such a role in WATCHGLASS_ADMIN_DATABASE_URL, or use your server's own backups."
        )
    return connection
