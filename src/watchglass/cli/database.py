"""The database of this installation: the embedded PostgreSQL, or one that the settings name."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import structlog

from watchglass.config import Settings
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.secret import read_or_create_secret
from watchglass.errors import StartupError
from watchglass.store.connect import unusable_url
from watchglass.store.pool import check_login
from watchglass.store.roles import Passwords, Roles

_log = structlog.get_logger(__name__)

_SYNC_PASSWORD = "sync-password"  # noqa: S105 - the name of a file


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """How the parts that serve log in. The administrator's URL is not among them."""

    login: str
    sync: str


@dataclass(frozen=True, slots=True)
class Database:
    urls: DatabaseUrls
    embedded: EmbeddedPostgres | None


async def open_database(stack: AsyncExitStack, settings: Settings, data_dir: Path) -> Database:
    """Start the embedded PostgreSQL unless the settings name another, and bring the schema up to date."""
    if settings.admin_database_url or settings.database_url:
        return Database(urls=await prepare_database(settings, data_dir), embedded=None)
    _log.info("postgres_starting", message=f"Starting PostgreSQL (data in {data_dir}) …")
    server = EmbeddedPostgres(data_dir)
    await server.start()
    stack.push_async_callback(server.stop)
    urls = await _migrated(server.admin_url, settings, data_dir)
    return Database(urls=urls, embedded=server)


async def prepare_database(settings: Settings, data_dir: Path) -> DatabaseUrls:
    """Return the URLs of a database that the settings name, migrated when they allow it."""
    if settings.admin_database_url:
        return await _migrated(settings.admin_database_url, settings, data_dir)
    if settings.database_url:
        # Whether it can be reached, and is powerless, is said before what else may be missing.
        await check_login(settings.database_url)
    urls = named_urls(settings, data_dir)
    if urls is None:
        raise StartupError("No database is named. Set WATCHGLASS_ADMIN_DATABASE_URL.")
    return urls


def named_urls(settings: Settings, data_dir: Path) -> DatabaseUrls | None:
    """Return the URLs that the settings name, or None when they name no database."""
    if settings.admin_database_url:
        return _urls(settings.admin_database_url, settings, data_dir)
    if not settings.database_url:
        return None
    kept = data_dir / _SYNC_PASSWORD
    if not settings.sync_database_url and kept.exists():
        # `watchglass migrate` made the roles from this data directory.
        sync_role = Roles(suffix=settings.role_suffix).sync
        return DatabaseUrls(
            login=settings.database_url,
            sync=with_login(settings.database_url, sync_role, read_or_create_secret(kept)),
        )
    if not settings.sync_database_url:
        raise StartupError(
            "WATCHGLASS_DATABASE_URL is set without a way to write. Set WATCHGLASS_ADMIN_DATABASE_URL too, so that "
            "the tables and roles can be made, or WATCHGLASS_SYNC_DATABASE_URL when they are made already."
        )
    return DatabaseUrls(login=settings.database_url, sync=settings.sync_database_url)


async def _migrated(admin_url: str, settings: Settings, data_dir: Path) -> DatabaseUrls:
    # What it imports would double the start-up of every command that does not migrate.
    from watchglass.store.migrate import migrate  # noqa: PLC0415

    _log.info("schema_migrating", message="Bringing the database up to date …")
    await migrate(admin_url, passwords=role_passwords(settings, data_dir), roles=Roles(suffix=settings.role_suffix))
    return _urls(admin_url, settings, data_dir)


def _urls(admin_url: str, settings: Settings, data_dir: Path) -> DatabaseUrls:
    roles, passwords = Roles(suffix=settings.role_suffix), role_passwords(settings, data_dir)
    return DatabaseUrls(
        login=settings.database_url or with_login(admin_url, roles.login, passwords.login),
        sync=settings.sync_database_url or with_login(admin_url, roles.sync, passwords.sync),
    )


def role_passwords(settings: Settings, data_dir: Path) -> Passwords:
    """Of the roles that log in: given in the settings' URLs, or kept in the data directory and made where missing."""
    return Passwords(
        login=_given_password(settings.database_url) or read_or_create_secret(data_dir / "login-password"),
        sync=_given_password(settings.sync_database_url) or read_or_create_secret(data_dir / _SYNC_PASSWORD),
    )


def with_login(url: str, user: str, password: str) -> str:
    """Return `url` for another user.

    >>> with_login("postgresql://admin:x@127.0.0.1:5432/watchglass", "reader", "a/b")
    'postgresql://reader:a%2Fb@127.0.0.1:5432/watchglass'
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def _given_password(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        password = urlsplit(url).password
    except ValueError as error:
        raise unusable_url() from error
    return unquote(password) if password else None
