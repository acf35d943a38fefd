"""`watchglass connection …` as a process of its own, beside a database that is there already."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from tests.acceptance.certificates import Authority
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import new_id, observed_worker
from tests.acceptance.running import clean_environment
from tests.databases import SECRET_KEY, Database, make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.credentials import Credentials
from watchglass.store.connections import all_connections
from watchglass.store.credentials import open_kept, read_kept
from watchglass.store.scope import Store

KEY = "cli-key-nobody-may-read"
OURS = Authority("Ours")


class Command:
    """Runs `watchglass connection …` with the settings of one installation."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._env = clean_environment(
            WATCHGLASS_DATABASE_URL=database.login_url,
            WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
            WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
            WATCHGLASS_SECRET_KEY=SECRET_KEY,
            WATCHGLASS_DATA_DIR=str(data_dir),
            THE_KEY=KEY,
        )

    async def __call__(self, *arguments: str, of: str = "connection") -> tuple[int, str, str]:
        command = [sys.executable, "-m", "watchglass", of, *arguments]
        done = await asyncio.to_thread(
            subprocess.run, command, env=self._env, capture_output=True, text=True, timeout=60, check=False
        )
        assert KEY not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    async def on_a_terminal(self, *arguments: str, typed: str) -> tuple[int, str]:
        """Run `watchglass connection …` where somebody sits who answers with the lines of `typed`."""
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "watchglass", "connection", *arguments),
            env=self._env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        async with asyncio.timeout(60):
            said = await asyncio.to_thread(_read_to_the_end, ours)
            return await process.wait(), said


def _read_to_the_end(terminal: int) -> str:
    parts: list[bytes] = []
    with suppress(OSError):  # how a terminal tells that everybody else has left it
        while part := os.read(terminal, 4096):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode()


@pytest.fixture
def command(database: Database, data_dir: Path) -> Command:
    return Command(database, data_dir)


async def stored(store: Store, namespace: str, project: str) -> tuple[str, Credentials]:
    async with store.write() as reader:
        project_id = await reader.fetchval("SELECT id FROM projects WHERE name = $1", project)
        found = [c for c in await all_connections(reader) if (c.namespace, c.project_id) == (namespace, project_id)]
        (connection,) = found
        return str(connection.id), open_kept(store.seal, await read_kept(reader, connection.id))


async def test_a_connection_is_added_tested_listed_and_changed(
    store: Store, temporal: EmbeddedTemporal, command: Command, tmp_path: Path
) -> None:
    project = f"shop {uuid4()}"
    (tmp_path / "key.txt").write_text("another key\n")
    async with GrpcProxy(temporal.address) as proxy:
        proxy.api_keys = {KEY, "another key"}
        where = ("--project", project, "--address", proxy.address, "--namespace", "default", "--no-tls")
        code, _, told = await command("add", *where, "--api-key", "env:THE_KEY")
        assert (code, "There is no project" in told, "--new-project" in told) == (1, True, True)
        added = await command("add", *where, "--new-project", "--api-key", "env:THE_KEY", "--level", "failed")
        assert added[0] == 0, added
        connection_id, credentials = await stored(store, "default", project)
        assert credentials == Credentials(tls=False, api_key=KEY)

        code, out, _ = await command("test", connection_id)
        assert code == 0 and "ok           ListWorkflowExecutions" in out and "runs in scope: " in out
        code, out, _ = await command("list", "--json")
        (listed,) = [row for row in json.loads(out) if row["id"] == connection_id]
        assert (listed["level"], listed["credentials"]["api_key"]) == ("failed", True)

        updated = await command("update", connection_id, "--api-key", f"@{tmp_path / 'key.txt'}", "--no-tls")
        assert updated[0] == 0, updated
        assert (await stored(store, "default", project))[1].api_key == "another key"
        code, _, told = await command("update", connection_id, "--scope", "WorkflowTyp = 'A'")
        assert code == 2 and "because of “WorkflowTyp”" in told

        proxy.api_keys = set()
        code, out, _ = await command("test", connection_id, "--json")
        assert code == 1 and "does not accept the credentials" in json.loads(out)["problem"]


async def test_stored_secrets_are_not_sent_where_they_were_not_typed_for(
    store: Store, temporal: EmbeddedTemporal, command: Command
) -> None:
    project = f"moved {uuid4()}"
    async with GrpcProxy(temporal.address) as proxy, GrpcProxy(temporal.address) as elsewhere:
        proxy.api_keys = elsewhere.api_keys = {KEY}
        where = ("--project", project, "--new-project", "--address", proxy.address, "--namespace", "default")
        assert (await command("add", *where, "--no-tls", "--api-key", "env:THE_KEY"))[0] == 0
        connection_id, _ = await stored(store, "default", project)
        moved = ("update", connection_id, "--address", elsewhere.address)
        for more in ((), ("--no-tls",), ("--header", "x-tenant=a"), ("--untested", "--no-tls")):
            code, _, told = await command(*moved, *more)
            assert (code, "Enter them again" in told) == (2, True)
        assert elsewhere.calls == {}, "not even to test it"
        assert (await command(*moved, "--no-tls", "--api-key", "env:THE_KEY"))[0] == 0
        assert (await stored(store, "default", project))[1] == Credentials(api_key=KEY)


async def test_what_fails_its_test_is_stored_only_untested(
    store: Store, temporal: EmbeddedTemporal, command: Command
) -> None:
    project, _ = f"untested {uuid4()}", None
    await make_project(store, project, owner="ada")
    where = ("--project", project, "--address", temporal.address, "--namespace", "nope")
    code, _, told = await command("add", *where)
    assert code == 2 and "has no namespace 'nope'" in told and "--untested" in told
    assert (await command("add", *where, "--untested"))[0] == 0
    assert (await stored(store, "nope", project))[1] == Credentials()


async def test_a_profile_of_temporals_own_brings_address_and_sign_in(
    store: Store, temporal: EmbeddedTemporal, command: Command, tmp_path: Path
) -> None:
    project = f"profile {uuid4()}"
    pair = OURS.issue("reader")
    for name, text in (("ca.pem", OURS.certificate), ("client.pem", pair.certificate), ("client.key", pair.key)):
        (tmp_path / name).write_text(text)
    async with GrpcProxy(temporal.address, server=OURS.issue("server"), client_ca=OURS.certificate) as proxy:
        (tmp_path / "temporal.toml").write_text(
            f"""
            [profile.shop]
            address = "{proxy.address}"
            namespace = "default"
            [profile.shop.tls]
            server_ca_cert_path = "{tmp_path / "ca.pem"}"
            client_cert_path = "{tmp_path / "client.pem"}"
            client_key_path = "{tmp_path / "client.key"}"
            """
        )
        profile = ("--config", str(tmp_path / "temporal.toml"), "--profile", "shop")
        added = await command("add", "--project", project, "--new-project", *profile)
        assert added[0] == 0, added
    credentials = (await stored(store, "default", project))[1]
    assert (credentials.server_ca, credentials.client_key) == (OURS.certificate, pair.key)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--address", "temporal"), "Write host:port"),
        ((), "Say where the Temporal is"),
        (("--address", "a:1", "--api-key", "env:NOBODY_SET_THIS"), "NOBODY_SET_THIS is not set"),
        (("--address", "a:1", "--tls-cert", "missing.pem"), "missing.pem"),
        (("--address", "a:1", "--header", "nothing"), "NAME=VALUE"),
        (
            ("--address", "a:1", "--ui-address", "temporal.example"),
            "begins with http:// or https://",
        ),
        (("--config", "missing.toml"), "The Temporal profile cannot be read"),
    ],
)
async def test_what_makes_no_sense_is_a_sentence(command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    code, _, told = await command("add", "--project", "x", *arguments)
    assert (code, told.count("\n")) == (2, 1)
    assert sentence in told


@workflow.defn
class Brief:
    @workflow.run
    async def run(self) -> None:
        """Ends at once."""


@dataclass(frozen=True)
class Older:
    """A project's name, and the options for a connection to three runs that are there already."""

    project: str
    scope: str
    options: tuple[str, ...]
    store: Store

    async def connection_id(self) -> Any:
        async with self.store.write() as reader:
            return await reader.fetchval(
                "SELECT c.id FROM connections c JOIN projects p ON p.id = c.project_id WHERE p.name = $1", self.project
            )

    async def jobs(self) -> list[tuple[Any, ...]]:
        """`from_at` and `state` of the back-fills that were asked for."""
        async with self.store.write() as reader:
            rows = await reader.fetch(
                "SELECT from_at, state FROM backfills WHERE connection_id = $1 ORDER BY created_at",
                await self.connection_id(),
            )
        return [tuple(row) for row in rows]


@pytest_asyncio.fixture(loop_scope="session")
async def older(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Older]:
    name = new_id("older")
    async with observed_worker(temporal.address, workflows=[Brief], activities=[]) as (client, queue):
        for number in range(3):
            await client.execute_workflow(Brief.run, id=f"{name}-{number}", task_queue=queue)
        scope = f"WorkflowId STARTS_WITH '{name}'"
        async with asyncio.timeout(60):
            while (await client.count_workflows(f"{scope} AND ExecutionStatus = 'Completed'")).count < 3:
                await asyncio.sleep(0.1)
    where = ("--address", temporal.address, "--namespace", "default", "--scope", scope)
    yield Older(name, scope, ("--project", name, "--new-project", *where), store)


COST = "There are 3 runs. At level all this copies 3 runs, "
WAITS = "Older runs wait until somebody says how far back"


async def test_a_new_connection_says_what_older_runs_cost_and_leaves_the_answer_to_somebody(
    command: Command, older: Older
) -> None:
    code, said, _ = await command("add", *older.options)
    assert (code, COST in said, WAITS in said) == (0, True, True)
    assert "less than a minute" in said and " events, " in said and " KiB, " in said and " calls, " in said
    assert await older.jobs() == []
    connection_id = str(await older.connection_id())
    code, said, _ = await command("--connection", connection_id, "--since", "2026-01-31", of="sync")
    assert (code, COST in said) == (0, True)
    assert await older.jobs() == [(datetime(2026, 1, 31, tzinfo=UTC), "waiting")]
    code, said, _ = await command(
        "--connection", connection_id, "--query", f"WorkflowId = '{older.project}-1'", of="sync"
    )
    assert said.startswith("There is 1 run. At level all this copies 1 run, ")
    code, _, told = await command("--connection", connection_id, "--query", "WorkflowTyp = 'A'", of="sync")
    assert (code, "WorkflowTyp" in told) == (1, True)
    assert len(await older.jobs()) == 2, "nothing is queued that cannot be listed"


async def test_how_far_back_can_be_said_at_once(command: Command, older: Older) -> None:
    code, said, _ = await command("add", *older.options, "--level", "list", "--since", "all")
    assert code == 0 and "At level list they are listed in 1 call, and no history is copied." in said
    assert await older.jobs() == [(None, "waiting")]


async def test_nothing_older_is_an_answer(command: Command, older: Older) -> None:
    code, said, _ = await command("add", *older.options, "--since", "none")
    assert (code, "Older runs are not copied." in said) == (0, True)
    assert [state for _, state in await older.jobs()] == ["done"]


async def test_an_answer_that_says_nothing_is_refused_before_anything_is_made(command: Command, older: Older) -> None:
    code, _, told = await command("add", *older.options, "--since", "yesterday")
    assert (code, "Write all, none, or since when" in told) == (2, True)
    assert await older.connection_id() is None


async def test_who_sits_at_a_terminal_is_asked_until_the_cost_of_the_answer_was_shown(
    command: Command, older: Older
) -> None:
    code, said = await command.on_a_terminal("add", *older.options, typed="soon\n2099-01-01\n\n")
    assert (code, COST in said, "'soon' does not say" in said, "There are 0 runs." in said) == (0, True, True, True)
    assert await older.jobs() == [(datetime(2099, 1, 1, tzinfo=UTC), "waiting")]


async def test_credentials_are_forgotten_with_the_codec_servers_token(
    store: Store, command: Command, older: Older
) -> None:
    added = ("--since", "none", "--codec-address", "http://127.0.0.1:1", "--header", "x-team=shop")
    assert (await command("add", *older.options, *added))[0] == 0
    connection_id = str(await older.connection_id())
    assert (await command("decode", connection_id, "--at-sync", "--codec-token", "env:THE_KEY"))[0] == 0
    _, kept = await stored(store, "default", older.project)
    assert (kept.codec_token, kept.headers) == (KEY, (("x-team", "shop"),))
    code, said, _ = await command("update", connection_id, "--no-credentials")
    assert (code, "now without a token" in said) == (0, True)
    assert (await stored(store, "default", older.project))[1] == Credentials()
    code, said, _ = await command("list", "--json")
    (listed,) = [row for row in json.loads(said) if row["id"] == connection_id]
    assert listed["credentials"]["codec_token"] is False
