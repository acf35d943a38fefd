"""`watchglass backup`."""

import sqlite3
import tempfile
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
import uvloop

from watchglass.cli.administrator import administrator_url, open_as_administrator
from watchglass.cli.archive import ROWS, SECRET_KEY, TEMPORAL, ArchiveWriter, Manifest, write_archive
from watchglass.cli.dump import dump_rows
from watchglass.cli.secret_key import given_secrets, key_file
from watchglass.cli.unfinished import refuse_unfinished
from watchglass.config import Settings
from watchglass.errors import InvalidInput, StartupError
from watchglass.model.release import release
from watchglass.store.digests import digest_tables
from watchglass.store.schema import head_revision, known_revisions

_CHUNK = 1 << 20
_TEMPORAL_IS_IN = (
    "The embedded Temporal's own database is in it, with values as workers sent them: also those that redaction rules "
    "hide, and those of erased runs. Leave it out with --without-temporal, or keep the file as safe as the values."
)
_TEMPORAL_IS_OUT = (
    "The embedded Temporal's database is not in it: a restored installation begins with an empty one, and runs that "
    "are open now do not go on there."
)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="The data directory, of a running `up` or a stopped one.")
    ] = None,
    with_secret_key: Annotated[
        bool,
        typer.Option("--with-secret-key", help="Put in the key that opens stored credentials. Keep the file safe."),
    ] = False,
    without_temporal: Annotated[
        bool,
        typer.Option(
            "--without-temporal",
            help="Leave out the embedded Temporal, which holds values as workers sent them.",
        ),
    ] = False,
) -> None:
    """Write everything that is kept into one file, as it is at one moment, while everything runs."""
    settings = Settings.read(data_dir=data_dir)
    temporal = None if settings.admin_database_url else settings.data_dir.expanduser().resolve() / TEMPORAL
    if temporal is not None and not temporal.exists():
        temporal = None
    copied = None if without_temporal else temporal
    manifest = uvloop.run(_backup(settings, file, with_key=with_secret_key, temporal=copied))
    print(f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables, schema {manifest.revision}.")
    if copied:
        print(_TEMPORAL_IS_IN)
    elif temporal:
        print(_TEMPORAL_IS_OUT)
    if not with_secret_key:
        print(
            "The key that stored credentials are encrypted with is not in it: keep a copy of the file secret-key of "
            "the data directory, or of WATCHGLASS_SECRET_KEY, in another place."
        )


async def _backup(settings: Settings, file: Path, *, with_key: bool, temporal: Path | None) -> Manifest:
    data_dir = settings.data_dir.expanduser().resolve()
    refuse_unfinished(data_dir)
    key = _secret_key(settings) if with_key else None
    async with AsyncExitStack() as stack:
        url = await administrator_url(stack, settings)
        with write_archive(file) as archive:
            manifest = await write_rows(archive, url)
            if temporal:
                # After the rows: it then knows all the runs that they tell of.
                _copy_temporal(archive, temporal)
            if key:
                with archive.file(SECRET_KEY) as opened:
                    opened.write(key.encode())
            archive.finish(manifest)
    return manifest


async def write_rows(archive: ArchiveWriter, url: str) -> Manifest:
    """Write every row of one moment, and return what there was at that moment.

    Raises:
        StartupError: the database cannot be read whole, or has a schema that is not known.
    """
    connection = await open_as_administrator(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            revision = await _revision(connection)
            with archive.file(ROWS) as opened:
                await dump_rows(url, snapshot=snapshot, write=opened.write)
            return Manifest(
                watchglass=release(),
                revision=revision,
                postgres=int(await connection.fetchval("SHOW server_version_num")) // 10_000,
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                tables=await digest_tables(connection),
            )
    finally:
        await connection.close()


async def _revision(connection: asyncpg.Connection) -> str:
    known = await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL")
    found = await connection.fetchval("SELECT version_num FROM public.alembic_version") if known else None
    if found not in known_revisions():
        raise StartupError(
            f"The database has schema {found or 'none'}, and this version of Watchglass knows schemas up to "
            f"{head_revision()}. Use the version that runs on it."
        )
    return str(found)


def _secret_key(settings: Settings) -> str:
    given = given_secrets(settings)
    if given:
        return ",".join(given)
    path = key_file(settings)
    if not path.exists():
        raise InvalidInput(f"There is no key to put in: {path} does not exist, and WATCHGLASS_SECRET_KEY is not set.")
    return path.read_text().strip()


def _copy_temporal(archive: ArchiveWriter, database: Path) -> None:
    """SQLite copies a database of one moment while another process writes it."""
    with tempfile.TemporaryDirectory(dir=database.parent, prefix="backup-") as folder:
        copied = Path(folder, TEMPORAL)
        try:
            with (
                closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as source,
                closing(sqlite3.connect(copied)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            raise StartupError(f"Temporal's database {database} could not be copied: {error}.") from error
        with copied.open("rb") as source_file, archive.file(TEMPORAL) as opened:
            while chunk := source_file.read(_CHUNK):
                opened.write(chunk)
