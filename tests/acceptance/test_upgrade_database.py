"""A data directory of another major version of PostgreSQL is refused, and brought up to ours without losing a row.

Only one major version comes as a Python package, so the way is walked from that version to itself.
"""

from pathlib import Path

import asyncpg
import pytest
from tests.acceptance.test_backup import digests, run

from watchglass.cli.upgrade_database import upgrade
from watchglass.config import Settings
from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.programs import major_of_programs, postgres_programs
from watchglass.errors import StartupError
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords

pytestmark = pytest.mark.acceptance


async def installation(data_dir: Path) -> None:
    """A database with somebody in it."""
    server = EmbeddedPostgres(data_dir)
    await server.start()
    await migrate(server.admin_url, passwords=Passwords("login", "sync"))
    admin = await asyncpg.connect(server.admin_url)
    await admin.execute("INSERT INTO users (name) SELECT 'person ' || n FROM generate_series(1, 100) n")
    await admin.close()
    await server.stop()


async def test_another_major_is_refused_with_the_command_that_upgrades(data_dir: Path) -> None:
    await installation(data_dir)
    server = EmbeddedPostgres(data_dir)
    mark = data_dir / "postgres" / "pgdata" / "PG_VERSION"
    ours = mark.read_text()
    mark.write_text("17\n")
    with pytest.raises(StartupError) as refusal:
        await server.start()
    assert "was made by PostgreSQL 17" in str(refusal.value)
    assert f"watchglass upgrade-database --data-dir {data_dir} --programs" in str(refusal.value)
    wrong = run(
        *("upgrade-database", "--data-dir", str(data_dir)),
        *("--programs", str(postgres_programs(account_for_postgres()))),
    )
    assert wrong.returncode == 2
    assert "the data need PostgreSQL 17" in wrong.stderr
    mark.write_text(ours)
    await server.start()
    await server.stop()


async def test_every_row_is_in_the_new_one_and_the_old_one_is_kept(data_dir: Path) -> None:
    await installation(data_dir)
    programs = postgres_programs(account_for_postgres())
    manifest, kept = await upgrade(Settings.read(data_dir=data_dir), programs)
    assert kept.exists()
    server = EmbeddedPostgres(data_dir)
    await server.start()
    assert await digests(server.admin_url) == manifest.tables
    assert manifest.tables["users"].rows == 100
    admin = await asyncpg.connect(server.admin_url)
    assert await admin.fetchval("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'") == 0
    await admin.close()
    await server.stop()


async def test_a_failure_leaves_the_old_data_where_they_were(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await installation(data_dir)
    pgdata = data_dir / "postgres" / "pgdata"
    made = pgdata.stat().st_ino
    with monkeypatch.context() as changed:

        async def fail(*_arguments: object) -> None:
            raise StartupError("the disk is full")

        changed.setattr("watchglass.cli.upgrade_database._load", fail)
        with pytest.raises(StartupError, match="the disk is full"):
            await upgrade(Settings.read(data_dir=data_dir), postgres_programs(account_for_postgres()))
    assert pgdata.stat().st_ino == made
    server = EmbeddedPostgres(data_dir)
    await server.start()
    assert (await digests(server.admin_url))["users"].rows == 100
    await server.stop()


def test_programs_say_their_version(tmp_path: Path) -> None:
    assert major_of_programs(postgres_programs(account_for_postgres())) == 18
    with pytest.raises(StartupError, match="does not say which version"):
        major_of_programs(tmp_path)
