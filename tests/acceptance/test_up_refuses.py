"""Every reason not to start is one sentence and an exit code."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.acceptance.running import clean_environment, refused
from tests.databases import Database

from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.ports import LOOPBACK, free_port
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal

pytestmark = pytest.mark.acceptance


def assert_one_sentence(said: tuple[int, str], *words: str) -> None:
    code, text = said
    assert code == 1, text
    assert text.startswith("watchglass: ")
    assert len(text.splitlines()) == 1, text
    assert [word for word in words if word not in text] == [], text


class TestUpRefuses:
    def test_a_given_port_that_another_program_uses(self, data_dir: Path) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = str(taken.getsockname()[1])
            said = refused("--data-dir", str(data_dir), "--port", port, env=clean_environment())
        assert_one_sentence(said, f"Port {port}", "Another program uses it", "--port")

    def test_a_data_directory_that_another_one_uses(self, data_dir: Path) -> None:
        with DirectoryLock(data_dir):
            said = refused("--data-dir", str(data_dir), env=clean_environment())
        assert_one_sentence(said, str(data_dir), f"in use by process {os.getpid()}")

    def test_a_data_directory_that_cannot_be_written(self, data_dir: Path) -> None:
        (data_dir / "file").write_text("in the way")
        said = refused("--data-dir", str(data_dir / "file" / "inside"), env=clean_environment())
        assert_one_sentence(said, "file/inside is not writable", "--data-dir")

    def test_a_database_that_cannot_be_reached(self, data_dir: Path) -> None:
        port = free_port()
        env = clean_environment(WATCHGLASS_ADMIN_DATABASE_URL=f"postgresql://x:y@127.0.0.1:{port}/watchglass")
        said = refused("--data-dir", str(data_dir), env=env)
        assert_one_sentence(said, f"127.0.0.1:{port}", "cannot be reached")

    def test_a_wrong_database_password_without_repeating_it(self, data_dir: Path, postgres: EmbeddedPostgres) -> None:
        parts = urlsplit(postgres.admin_url)
        wrong = urlunsplit(parts._replace(netloc=f"watchglass_admin:mistaken@127.0.0.1:{postgres.port}"))
        said = refused("--data-dir", str(data_dir), env=clean_environment(WATCHGLASS_ADMIN_DATABASE_URL=wrong))
        assert_one_sentence(said, "refuses the user name or password")
        assert "mistaken" not in said[1]

    def test_a_login_role_alone(self, data_dir: Path, database: Database) -> None:
        env = clean_environment(WATCHGLASS_DATABASE_URL=database.login_url)
        assert_one_sentence(refused("--data-dir", str(data_dir), env=env), "WATCHGLASS_ADMIN_DATABASE_URL")

    @pytest.mark.parametrize("given", ["nobody", "superuser", "unreachable"])
    def test_a_login_role_that_cannot_serve(self, given: str, data_dir: Path, postgres: EmbeddedPostgres) -> None:
        parts = urlsplit(postgres.admin_url)
        urls = {
            "nobody": urlunsplit(parts._replace(netloc=f"nobody:mistaken@127.0.0.1:{postgres.port}")),
            "superuser": postgres.admin_url,
            "unreachable": f"postgresql://x:y@127.0.0.1:{free_port()}/watchglass",
        }
        words = {"nobody": "refuses the user name", "superuser": "is a superuser", "unreachable": "cannot be reached"}
        env = clean_environment(WATCHGLASS_DATABASE_URL=urls[given])
        assert_one_sentence(refused("--data-dir", str(data_dir), env=env), words[given])

    async def test_a_schema_that_is_newer_than_the_code(self, data_dir: Path, database: Database) -> None:
        admin = await asyncpg.connect(database.admin_url)
        known = await admin.fetchval("SELECT version_num FROM alembic_version")
        await admin.execute(f"SET ROLE {database.roles.owner}; UPDATE alembic_version SET version_num = '9999_future'")
        env = clean_environment(
            WATCHGLASS_ADMIN_DATABASE_URL=database.admin_url, WATCHGLASS_ROLE_SUFFIX=database.roles.suffix
        )
        said = refused("--data-dir", str(data_dir), env=env)
        await admin.execute("UPDATE alembic_version SET version_num = $1", known)
        await admin.close()
        assert_one_sentence(said, "9999_future", "newer")

    def test_a_temporal_that_cannot_be_reached(self, data_dir: Path) -> None:
        address = f"127.0.0.1:{free_port()}"
        said = refused("--data-dir", str(data_dir), env=clean_environment(TEMPORAL_ADDRESS=address))
        assert_one_sentence(said, f"Temporal at {address} cannot be reached")

    def test_a_control_temporal_that_cannot_be_reached(self, data_dir: Path) -> None:
        address = f"127.0.0.1:{free_port()}"
        env = clean_environment(WATCHGLASS_CONTROL_TEMPORAL_ADDRESS=address)
        assert_one_sentence(refused("--data-dir", str(data_dir), env=env), f"Temporal at {address} cannot be reached")

    def test_a_namespace_that_does_not_exist(self, data_dir: Path, temporal: EmbeddedTemporal) -> None:
        env = clean_environment(TEMPORAL_ADDRESS=temporal.address, TEMPORAL_NAMESPACE="nowhere")
        said = refused("--data-dir", str(data_dir), env=env)
        assert_one_sentence(said, temporal.address, "no namespace 'nowhere'")

    def test_a_setting_that_makes_no_sense(self, data_dir: Path) -> None:
        env = clean_environment(WATCHGLASS_LOG_LEVEL="loud")
        assert_one_sentence(refused("--data-dir", str(data_dir), env=env), "WATCHGLASS_LOG_LEVEL")

    def test_an_address_that_others_could_reach(self, data_dir: Path) -> None:
        code, text = refused("--data-dir", str(data_dir), "--host", "0.0.0.0", env=clean_environment())
        assert code == 2
        assert "does not listen on 0.0.0.0 without TLS" in text
