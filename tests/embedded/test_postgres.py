import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import IO

import asyncpg
import pytest
from tests.servers import run_python

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.errors import StartupError

pytestmark = pytest.mark.acceptance

_OWN_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from watchglass.embedded.postgres import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    await server.start()
    print("pid", server.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def _first_line(output: IO[bytes], start: bytes) -> bytes:
    """Return the first line that begins so; log lines may come before it."""
    return next(line for line in output if line.startswith(start))


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def until_healthy(server: EmbeddedPostgres, *, not_pid: int) -> None:
    async with asyncio.timeout(60):
        while server.pid == not_pid or not await server.is_healthy():
            await asyncio.sleep(0.02)


class TestEmbeddedPostgres:
    async def test_it_serves_an_empty_database_on_the_loopback_address_alone(self, postgres: EmbeddedPostgres) -> None:
        assert await fetch(postgres.admin_url, "select current_database()") == "watchglass"
        assert await fetch(postgres.admin_url, "show listen_addresses") == "127.0.0.1"
        assert await fetch(postgres.admin_url, "show unix_socket_directories") == ""

    async def test_a_directory_that_it_makes_holds_its_data_and_shows_others_nothing(self, data_dir: Path) -> None:
        place = data_dir / "new"
        server = EmbeddedPostgres(place)
        await server.start()
        assert await server.is_healthy()
        assert server.home.is_relative_to(place)
        kept = [place, *(path for path in place.iterdir() if path.is_file()), server.home / "pgdata"]
        assert {path.name: path.stat().st_mode & 0o066 for path in kept} == {path.name: 0 for path in kept}
        await server.stop()

    async def test_a_wrong_password_is_refused(self, postgres: EmbeddedPostgres) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host="127.0.0.1",
                port=postgres.port,
                user="watchglass_admin",
                password="guess",
                database="watchglass",
            )

    async def test_data_is_kept_between_starts(self, data_dir: Path) -> None:
        first = EmbeddedPostgres(data_dir)
        await first.start()
        await fetch(first.admin_url, "create table kept as select 42 as answer")
        await first.stop()
        second = EmbeddedPostgres(data_dir)
        await second.start()
        assert await fetch(second.admin_url, "select answer from kept") == 42
        await second.stop()

    async def test_a_killed_server_comes_back_at_the_same_address_with_its_data(self, data_dir: Path) -> None:
        server = EmbeddedPostgres(data_dir)
        await server.start()
        url, killed = server.admin_url, server.pid
        assert killed is not None
        await fetch(url, "create table kept as select 42 as answer")
        os.kill(killed, signal.SIGKILL)
        await until_healthy(server, not_pid=killed)
        assert server.admin_url == url
        assert await fetch(url, "select answer from kept") == 42
        await server.stop()

    async def test_a_second_owner_is_refused_while_the_first_goes_on(self, data_dir: Path) -> None:
        first = EmbeddedPostgres(data_dir)
        await first.start()
        with pytest.raises(StartupError, match="is in use by process"):
            await EmbeddedPostgres(data_dir).start()
        assert await first.is_healthy()
        await first.stop()

    async def test_a_half_written_data_directory_is_made_anew(self, data_dir: Path) -> None:
        draft = data_dir / "postgres" / "pgdata.new"
        draft.mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")
        server = EmbeddedPostgres(data_dir)
        await server.start()
        assert await fetch(server.admin_url, "select 1") == 1
        await server.stop()
        assert not draft.exists()

    async def test_a_stale_process_file_that_names_a_living_stranger_is_not_obeyed(self, data_dir: Path) -> None:
        server = EmbeddedPostgres(data_dir)
        await server.start()
        await server.stop()
        (server.home / "pgdata" / "postmaster.pid").write_text(f"{os.getpid()}\n{server.home}/pgdata\n")
        again = EmbeddedPostgres(data_dir)
        await again.start()
        assert await again.is_healthy()
        await again.stop()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
    async def test_it_goes_with_an_owner_that_is_killed(self, data_dir: Path) -> None:
        with run_python(_OWN_UNTIL_KILLED, str(data_dir)) as owner:
            assert owner.stdout is not None
            said = await asyncio.to_thread(_first_line, owner.stdout, b"pid ")
            pid = int(said.split()[1])
            owner.kill()
            owner.wait()
        async with asyncio.timeout(30):
            while Path("/proc", str(pid)).exists():
                await asyncio.sleep(0.02)
        server = EmbeddedPostgres(data_dir)
        await server.start()
        assert await server.is_healthy()
        await server.stop()

    async def test_a_missing_password_file_is_named(self, data_dir: Path) -> None:
        server = EmbeddedPostgres(data_dir)
        await server.start()
        await server.stop()
        (data_dir / "postgres-password").unlink()
        with pytest.raises(StartupError, match=r"postgres-password .* is missing"):
            await EmbeddedPostgres(data_dir).start()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
    async def test_root_keeps_the_data_elsewhere_when_the_other_user_cannot_enter(self, data_dir: Path) -> None:
        data_dir.chmod(0o700)
        server = EmbeddedPostgres(data_dir)
        await server.start()
        assert await server.is_healthy()
        assert not server.home.is_relative_to(data_dir)
        await server.stop()
        shutil.rmtree(server.home)
