"""`watchglass restore`."""

import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
import uvloop

from watchglass.cli.administrator import open_as_administrator
from watchglass.cli.archive import ROWS, SECRET_KEY, TEMPORAL, Archive, Manifest, read_archive
from watchglass.cli.database import role_passwords
from watchglass.cli.dump import load_rows
from watchglass.cli.secret_key import given_secrets
from watchglass.cli.unfinished import is_unfinished, mark_finished, mark_unfinished
from watchglass.config import Settings
from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.private import make_private_directory
from watchglass.embedded.secret import write_private
from watchglass.errors import InvalidInput, StartupError
from watchglass.store.digests import TableDigest, digest_tables, own_tables
from watchglass.store.roles import Passwords, Roles

_LOCKS = frozenset({"lock", "postgres.lock", "temporal.lock"})


def restore(
    file: Annotated[Path, typer.Argument(help="What `watchglass backup` wrote.")],
    data_dir: Annotated[Path | None, typer.Option(help="An empty directory, or one that does not exist.")] = None,
) -> None:
    """Make an installation that holds exactly what FILE holds; all of it, or nothing.

    Into the data directory or, with WATCHGLASS_ADMIN_DATABASE_URL, into that empty database.
    """
    began = time.monotonic()
    settings = Settings.read(data_dir=data_dir)
    with read_archive(file) as archive:
        uvloop.run(_restore(settings, archive))
        manifest, has_key = archive.manifest, SECRET_KEY in archive.names
    print(
        f"Restored {manifest.rows:,} rows of {len(manifest.tables)} tables, as they were at {manifest.made_at}, "
        f"in {time.monotonic() - began:.0f} s; every table equals the backup's."
    )
    if not has_key and not given_secrets(settings):
        print(
            f"The backup holds no key. Put the file secret-key of the old data directory into {settings.data_dir}, or "
            "set WATCHGLASS_SECRET_KEY, before the first start: stored credentials open with nothing else, and "
            "projects that hide values or had runs erased are not copied further without it. If it is lost, enter the "
            "credentials again and run "
            "`watchglass rotate-key --forget-lost`, which says what is lost with it."
        )


async def _restore(settings: Settings, archive: Archive) -> None:
    data_dir = settings.data_dir.expanduser().resolve()
    roles = Roles(suffix=settings.role_suffix)
    if settings.admin_database_url:
        make_private_directory(data_dir)
        passwords = role_passwords(settings, data_dir)
        await _into_named(settings.admin_database_url, archive, passwords, roles)
        _write_key(archive, data_dir)
        return
    existed = _require_empty(data_dir)
    with DirectoryLock(data_dir):
        mark_unfinished(data_dir)
        server = EmbeddedPostgres(data_dir)
        try:
            async with AsyncExitStack() as stack:
                await server.start()
                stack.push_async_callback(server.stop)
                await load(server.admin_url, archive, role_passwords(settings, data_dir), roles)
            if TEMPORAL in archive.names:
                _write_temporal(archive, data_dir)
            _write_key(archive, data_dir)
        except BaseException:
            _clear(data_dir, server, keep=existed)
            raise
        mark_finished(data_dir)


async def load(url: str, archive: Archive, passwords: Passwords, roles: Roles) -> None:
    """Make roles and tables of the backup's schema, load and compare its rows, and bring the schema up to date.

    Raises:
        StartupError: it could not be done, or what was loaded is not what the backup says.
    """
    from watchglass.store.migrate import migrate  # noqa: PLC0415 - slow to load, see `cli.database`

    manifest = archive.manifest
    await migrate(url, passwords=passwords, roles=roles, revision=manifest.revision)
    connection = await open_as_administrator(url)
    try:
        tables = ", ".join(f'public."{table}"' for table in await own_tables(connection))
        # Revisions may have put rows of their own in.
        await connection.execute(f"TRUNCATE {tables}")
        async with _triggers_off(connection):
            await load_rows(url, copy_into=lambda stdin: archive.copy(ROWS, stdin))
        async with connection.transaction(readonly=True):
            _compare(manifest, await digest_tables(connection))
        # Without it the first questions would be planned as if the tables were empty.
        await connection.execute("ANALYZE", timeout=None)
    finally:
        await connection.close()
    await migrate(url, passwords=passwords, roles=roles)


@asynccontextmanager
async def _triggers_off(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """What is loaded happened long ago, and its lines in the log are loaded too: nothing is written of it again.

    Left off when loading fails, for then nothing is kept.
    """
    tables = await connection.fetch(
        "SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace"
    )
    for table in tables:
        await connection.execute(f"ALTER TABLE {table['name']} DISABLE TRIGGER USER")
    yield
    for table in tables:
        await connection.execute(f"ALTER TABLE {table['name']} ENABLE TRIGGER USER")


def _compare(manifest: Manifest, found: Mapping[str, TableDigest]) -> None:
    if found != manifest.tables:
        wrong = sorted(
            name for name in manifest.tables.keys() | found.keys() if manifest.tables.get(name) != found.get(name)
        )
        raise StartupError(f"What was loaded is not what the backup says, in {', '.join(wrong)}. Nothing was kept.")


async def _into_named(url: str, archive: Archive, passwords: Passwords, roles: Roles) -> None:
    connection = await open_as_administrator(url)
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL"):
            raise InvalidInput(
                "The database that WATCHGLASS_ADMIN_DATABASE_URL names is in use by Watchglass already. Restore into "
                "an empty one (CREATE DATABASE), and point the settings at it afterwards."
            )
    finally:
        await connection.close()
    try:
        await load(url, archive, passwords, roles)
    except BaseException:
        await _empty(url, (roles.owner, roles.definer, roles.user, roles.login, roles.sync))
        raise


async def _empty(url: str, roles: Sequence[str]) -> None:
    """Take out what was made. The roles belong to the whole server and may be in use elsewhere: they stay."""
    connection = await open_as_administrator(url)
    try:
        made = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", list(roles))
        if made:
            await connection.execute(f"DROP OWNED BY {', '.join(row['rolname'] for row in made)} CASCADE")
    finally:
        await connection.close()


def _require_empty(data_dir: Path) -> bool:
    """Say whether the directory exists. Raises InvalidInput when it holds something."""
    if not data_dir.exists():
        return False
    if is_unfinished(data_dir):
        _clear(data_dir, EmbeddedPostgres(data_dir), keep=True)
    held = sorted(path.name for path in data_dir.iterdir() if path.name not in _LOCKS)
    if held:
        raise InvalidInput(
            f"{data_dir} is not empty ({', '.join(held[:3])}{' …' if len(held) > 3 else ''}). A restore never mixes "
            "with what is there: name an empty directory with --data-dir."
        )
    return True


def _clear(data_dir: Path, server: EmbeddedPostgres, *, keep: bool) -> None:
    """Take out everything that a restore has put in."""
    server.remove_cluster()
    for path in data_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not keep:
        data_dir.rmdir()


def _write_temporal(archive: Archive, data_dir: Path) -> None:
    path = data_dir / TEMPORAL
    path.touch(mode=0o600)
    with path.open("wb") as file:
        archive.copy(TEMPORAL, file)


def _write_key(archive: Archive, data_dir: Path) -> None:
    """The keys of the backup become the directory's; several stay several."""
    if SECRET_KEY in archive.names:
        write_private(data_dir / SECRET_KEY, archive.text(SECRET_KEY) + "\n")
