"""`watchglass upgrade-database`."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.cli.archive import Archive, Manifest, read_archive, write_archive
from watchglass.cli.backup import write_rows
from watchglass.cli.database import role_passwords
from watchglass.cli.restore import load
from watchglass.config import Settings
from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.cluster import cluster_home, major_of
from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.programs import major_of_programs, postgres_programs
from watchglass.errors import InvalidInput, StartupError
from watchglass.store.roles import Roles


def upgrade_database(
    programs: Annotated[
        Path, typer.Option(help="The directory that holds `postgres` of the version that made the data.")
    ],
    data_dir: Annotated[Path | None, typer.Option(help="The data directory; nothing may run on it.")] = None,
) -> None:
    """Bring the embedded database to the PostgreSQL of this version; the old data stay beside the new ones."""
    settings = Settings.read(data_dir=data_dir)
    pgdata = cluster_home(settings.data_dir.expanduser().resolve(), account_for_postgres()) / "pgdata"
    found, ours = major_of(pgdata), major_of_programs(postgres_programs(account_for_postgres()))
    if found is None:
        raise InvalidInput(f"There is no database in {settings.data_dir}.")
    if found == ours:
        print(f"The database is of PostgreSQL {ours} already.")
        return
    given = major_of_programs(programs)
    if given != found:
        raise InvalidInput(f"{programs} holds PostgreSQL {given}; the data need PostgreSQL {found}.")
    manifest, kept = uvloop.run(upgrade(settings, programs))
    print(
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables are in PostgreSQL {ours} now, and equal. The data of "
        f"PostgreSQL {found} are in {kept}, a backup of them beside it: remove both when you miss nothing."
    )


async def upgrade(settings: Settings, programs: Path) -> tuple[Manifest, Path]:
    """Write a backup with the old programs and load it with ours. Returns what it held, and where the old data are.

    Raises:
        StartupError: it could not be done; the old data are where they were.
    """
    data_dir = settings.data_dir.expanduser().resolve()
    home = cluster_home(data_dir, account_for_postgres())
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept, file = home / f"pgdata-{when}", data_dir / f"upgrade-{when}.backup"
    with DirectoryLock(data_dir):
        async with AsyncExitStack() as stack:
            old = EmbeddedPostgres(data_dir, programs=programs)
            await old.start()
            stack.push_async_callback(old.stop)
            with write_archive(file) as archive:
                archive.finish(await write_rows(archive, old.admin_url))
        with read_archive(file) as written:
            (home / "pgdata").rename(kept)
            try:
                await _load(settings, data_dir, written)
            except BaseException:
                _put_back(home, kept, when)
                raise
            return written.manifest, kept


async def _load(settings: Settings, data_dir: Path, written: Archive) -> None:
    async with AsyncExitStack() as stack:
        new = EmbeddedPostgres(data_dir)
        await new.start()
        stack.push_async_callback(new.stop)
        await load(new.admin_url, written, role_passwords(settings, data_dir), Roles(suffix=settings.role_suffix))


def _put_back(home: Path, kept: Path, when: str) -> None:
    """The half that was loaded goes aside, and the old data to their place."""
    made = home / "pgdata"
    try:
        if made.exists():
            made.rename(home / f"pgdata-unfinished-{when}")
        kept.rename(made)
    except OSError as error:
        raise StartupError(f"The old data are whole in {kept}: move them back to {made} ({error.strerror}).") from error
