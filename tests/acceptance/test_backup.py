"""`watchglass backup` and `watchglass restore`: everything as it was, while everything runs; or nothing."""

import asyncio
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.observed import Steps, greet, new_id
from tests.acceptance.running import clean_environment, refused
from tests.acceptance.test_up import call, start, until
from tests.databases import Database, with_user
from tests.servers import make_shared_directory

from watchglass.embedded.ports import free_port
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.store.digests import TableDigest, digest_tables
from watchglass.store.pool import open_pool
from watchglass.store.scope import Store

__all__ = ["bench"]

pytestmark = pytest.mark.acceptance


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "watchglass", *arguments],
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def digests(url: str) -> dict[str, TableDigest]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(readonly=True):
            return await digest_tables(connection)
    finally:
        await connection.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    directory = make_shared_directory()
    yield directory
    shutil.rmtree(directory)


@contextmanager
def rewritten(source: Path, target: Path, **changes: object) -> Iterator[Path]:
    """A copy of a backup whose list of contents says something else."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "manifest.json":
                data = json.dumps(json.loads(data) | changes).encode()
            new.writestr(name, data)
    yield target


@pytest_asyncio.fixture(loop_scope="session")
async def empty_database(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[str, str]]:
    """An empty database on the shared server, and a suffix for its roles."""
    name = new_id("restored").replace("-", "_")
    admin = await asyncpg.connect(postgres.admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(postgres.admin_url)._replace(path=f"/{name}")), f"_{name}"
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    for role in await admin.fetch("SELECT rolname FROM pg_roles WHERE rolname LIKE $1", f"watchglass_%{name}"):
        await admin.execute(f"DROP ROLE {role['rolname']}")
    await admin.close()


def own(database: Database) -> dict[str, str]:
    return {"WATCHGLASS_ADMIN_DATABASE_URL": database.admin_url, "WATCHGLASS_ROLE_SUFFIX": database.roles.suffix}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(database: Database) -> AsyncIterator[Path]:
    directory = make_shared_directory()
    file = directory / "all.backup"
    """A backup of the module's database."""
    done = run("backup", str(file), "--data-dir", str(directory), **own(database))
    assert done.returncode == 0, done.stderr
    yield file
    shutil.rmtree(directory)


class TestADatabaseOfYourOwn:
    async def test_every_table_is_equal_although_rows_are_written_all_the_while(
        self, bench: Bench, database: Database, empty_database: tuple[str, str], folder: Path
    ) -> None:
        handle = await bench.client.start_workflow(Steps.run, id=new_id("steps"), task_queue=bench.queue)
        key = await bench.key_of(handle)
        file = folder / "all.backup"
        writing = asyncio.create_task(_write_for_ever(bench.store, key.project_id))
        done = await asyncio.to_thread(run, "backup", str(file), "--data-dir", str(folder), **own(database))
        writing.cancel()
        await asyncio.wait([writing])
        assert done.returncode == 0, done.stderr
        assert oct(file.stat().st_mode & 0o777) == "0o600"

        url, suffix = empty_database
        settings = {"WATCHGLASS_ADMIN_DATABASE_URL": url, "WATCHGLASS_ROLE_SUFFIX": suffix}
        restored = await asyncio.to_thread(run, "restore", str(file), "--data-dir", str(folder / "new"), **settings)
        assert restored.returncode == 0, restored.stderr
        with zipfile.ZipFile(file) as archive:
            told = json.loads(archive.read("manifest.json"))["tables"]
        found = await digests(url)
        assert {name: asdict(table) for name, table in found.items()} == told
        assert found["workflow_executions"].rows > 0
        # Passwords are the new installation's own; what may be seen as whom is as before.
        password = (folder / "new" / "sync-password").read_text().strip()
        pool = await open_pool(
            with_user(url, user=f"watchglass_sync{suffix}", password=password, database=urlsplit(url).path[1:]), size=2
        )
        await assert_totals_equal_recomputation(Store(login=pool, sync=pool))
        await pool.close()

    async def test_a_database_in_use_is_left_alone(self, bench: Bench, database: Database, folder: Path) -> None:
        file = folder / "all.backup"
        assert run("backup", str(file), "--data-dir", str(folder), **own(database)).returncode == 0
        before = (await digests(database.admin_url))["projects"]
        done = run("restore", str(file), "--data-dir", str(folder / "new"), **own(database))
        assert done.returncode == 2
        assert "is in use by Watchglass already" in done.stderr
        assert (await digests(database.admin_url))["projects"] == before

    async def test_rows_that_are_not_what_the_list_says_leave_nothing(
        self, bench: Bench, database: Database, empty_database: tuple[str, str], folder: Path
    ) -> None:
        file = folder / "all.backup"
        assert run("backup", str(file), "--data-dir", str(folder), **own(database)).returncode == 0
        with zipfile.ZipFile(file) as archive:
            tables = json.loads(archive.read("manifest.json"))["tables"]
        tables["projects"]["rows"] += 1
        url, suffix = empty_database
        with rewritten(file, folder / "wrong.backup", tables=tables) as wrong:
            done = run(
                *("restore", str(wrong), "--data-dir", str(folder / "new")),
                WATCHGLASS_ADMIN_DATABASE_URL=url,
                WATCHGLASS_ROLE_SUFFIX=suffix,
            )
        assert done.returncode == 1
        assert "is not what the backup says, in projects" in done.stderr
        assert await digests(url) == {}

    async def test_a_role_that_sees_a_part_is_refused(self, database: Database, folder: Path) -> None:
        done = run(
            *("backup", str(folder / "all.backup"), "--data-dir", str(folder)),
            WATCHGLASS_ADMIN_DATABASE_URL=database.sync_url,
        )
        assert done.returncode == 1
        assert "sees only a part of the rows" in done.stderr
        assert not (folder / "all.backup").exists()


async def _write_for_ever(store: Store, project_id: object) -> None:
    """Two rows in one transaction, that a backup has to hold both or neither of; the tables differ."""
    while True:
        async with store.write() as writer:
            await writer.execute("UPDATE connections SET name = md5(random()::text) WHERE project_id = $1", project_id)
            await writer.execute(
                "UPDATE workflow_executions SET source_checked_at = clock_timestamp() WHERE project_id = $1", project_id
            )


class TestFilesThatAreRefused:
    def refused(self, file: Path, into: Path) -> str:
        done = run("restore", str(file), "--data-dir", str(into))
        assert done.returncode == 2
        assert not into.exists(), "nothing is made"
        said = done.stderr.strip().splitlines()
        assert len(said) == 1, "a sentence"
        return said[0]

    def test_one_that_was_cut_off(self, whole: Path, folder: Path) -> None:
        cut = folder / "cut.backup"
        cut.write_bytes(whole.read_bytes()[:-2000])
        assert "only the beginning of one" in self.refused(cut, folder / "new")

    def test_one_with_a_changed_byte(self, whole: Path, folder: Path) -> None:
        data = bytearray(whole.read_bytes())
        data[500] ^= 1
        changed = folder / "changed.backup"
        changed.write_bytes(data)
        assert "is damaged" in self.refused(changed, folder / "new")

    def test_another_program_s(self, folder: Path) -> None:
        foreign = folder / "foreign.zip"
        with zipfile.ZipFile(foreign, "w") as archive:
            archive.writestr("letter.txt", "Dear Ada")
        assert "not a backup that `watchglass backup` has written" in self.refused(foreign, folder / "new")
        text = folder / "text"
        text.write_text("SELECT 1;")
        assert "is not a backup of Watchglass" in self.refused(text, folder / "new")

    def test_a_newer_version_s(self, whole: Path, folder: Path) -> None:
        with rewritten(whole, folder / "newer.backup", revision="9999", watchglass="7.0.0") as newer:
            assert "made by a newer version (Watchglass 7.0.0, schema 9999)" in self.refused(newer, folder / "new")

    def test_a_directory_that_holds_something(self, whole: Path, folder: Path) -> None:
        done = run("restore", str(whole), "--data-dir", str(folder.parent))
        assert done.returncode == 2
        assert "is not empty" in done.stderr

    def test_a_file_that_is_there_is_not_overwritten(self, whole: Path, database: Database) -> None:
        before = whole.read_bytes()
        done = run("backup", str(whole), "--data-dir", str(whole.parent), **own(database))
        assert done.returncode == 2
        assert whole.read_bytes() == before


class TestEverythingInOneCommand:
    async def test_runs_go_on_where_the_backup_left_them(self, folder: Path) -> None:
        first, second, file = folder / "first", folder / "second", folder / "all.backup"
        run_id, queue = new_id("steps"), new_id("queue")
        with start(first) as running:
            ready = running.wait_for("ready")
            client = await Client.connect(ready["temporal_address"])
            async with steps_worker(client, queue):
                handle = await client.start_workflow(Steps.run, id=run_id, task_queue=queue)
                await handle.signal(Steps.step, "before")
                await asyncio.to_thread(until, lambda: statuses(ready) == ["running"])
                done = await asyncio.to_thread(run, "backup", str(file), "--data-dir", str(first), "--with-secret-key")
                assert done.returncode == 0, done.stderr
            secret = (first / "secret-key").read_text()
            assert running.stop() == 0
        done = await asyncio.to_thread(run, "restore", str(file), "--data-dir", str(second))
        assert done.returncode == 0, done.stderr
        assert (second / "secret-key").read_text() == secret
        assert (second / "postgres-password").read_text() != (first / "postgres-password").read_text()
        with start(second) as running:
            again = running.wait_for("ready")
            client = await Client.connect(again["temporal_address"])
            async with steps_worker(client, queue):
                handle = client.get_workflow_handle(run_id)
                await handle.signal(Steps.step, "after")
                await handle.signal(Steps.finish)
                assert await handle.result() == 2
                await asyncio.to_thread(until, lambda: statuses(again) == ["completed"])
            assert running.stop() == 0

    async def test_the_embedded_temporal_s_own_copy_is_named_and_can_be_left_out(self, folder: Path) -> None:
        """It holds what workers sent, whatever was hidden or erased in the rows."""
        first, second, queue, value = folder / "first", folder / "second", new_id("queue"), new_id("value")
        with start(first) as running:
            ready = running.wait_for("ready")
            client = await Client.connect(ready["temporal_address"])
            async with steps_worker(client, queue):
                handle = await client.start_workflow(Steps.run, id=new_id("steps"), task_queue=queue)
                await handle.signal(Steps.step, value)
                await handle.signal(Steps.finish)
                await handle.result()
                await asyncio.to_thread(until, lambda: statuses(ready) == ["completed"])
            place = ("--data-dir", str(first))
            whole = await asyncio.to_thread(run, "backup", str(folder / "whole.backup"), *place)
            alone = await asyncio.to_thread(run, "backup", str(folder / "alone.backup"), *place, "--without-temporal")
            assert running.stop() == 0
        assert whole.returncode == alone.returncode == 0, whole.stderr + alone.stderr
        assert "embedded Temporal's own database is in it, with values as workers sent them" in whole.stdout
        assert "embedded Temporal's database is not in it" in alone.stdout
        with zipfile.ZipFile(folder / "whole.backup") as archive:
            assert value.encode() in archive.read("temporal.db")
        with zipfile.ZipFile(folder / "alone.backup") as archive:
            assert set(archive.namelist()) == {"rows.dump", "manifest.json"}
        done = await asyncio.to_thread(run, "restore", str(folder / "alone.backup"), "--data-dir", str(second))
        assert done.returncode == 0, done.stderr
        assert not (second / "temporal.db").exists()
        shutil.copy(first / "secret-key", second / "secret-key")
        with start(second) as running:
            again = running.wait_for("ready")
            assert statuses(again) == ["completed"], "what was copied is there"
            client = await Client.connect(again["temporal_address"])
            async with steps_worker(client, queue):
                handle = await client.start_workflow(Steps.run, id=new_id("steps"), task_queue=queue)
                await handle.signal(Steps.finish)
                await handle.result()
                await asyncio.to_thread(until, lambda: statuses(again) == ["completed", "completed"])
            assert running.stop() == 0

    def test_one_that_was_interrupted_is_not_taken_for_whole_and_begins_anew(self, whole: Path, folder: Path) -> None:
        second = folder / "second"
        restoring = subprocess.Popen(
            [sys.executable, "-m", "watchglass", "restore", str(whole), "--data-dir", str(second)],
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until((second / "postgres-password").exists)
        restoring.kill()
        restoring.wait()
        code, said = refused("--data-dir", str(second), "--port", str(free_port()), env=clean_environment())
        assert code == 1
        assert "A restore into" in said
        assert "was interrupted" in said
        assert run("restore", str(whole), "--data-dir", str(second)).returncode == 0
        assert not (second / "secret-key").exists(), "it was not asked for"


def statuses(ready: dict[str, Any]) -> list[str]:
    """Of all runs in all projects."""
    return [
        item["status"]
        for project in call(ready, "project.list")["items"]
        for workflow in call(ready, "workflow.list", projectId=project["id"])["items"]
        for item in call(ready, "execution.getExecutionHistory", workflowId=workflow["id"])["items"]
    ]


def steps_worker(client: Client, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[Steps],
        activities=[greet],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
