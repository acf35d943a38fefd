"""`watchglass workflow …` as a process of its own, beside a database that is there already."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from temporalio.client import Client
from tests.acceptance.running import clean_environment
from tests.api.seeded import Caller, client_for, open_parts
from tests.builder.drawings import drawing, node
from tests.databases import SECRET_KEY, Database, make_project

from watchglass.auth.tokens import create_token
from watchglass.builder.blank import blank_graph
from watchglass.builder.file import write_file
from watchglass.builder.worker import project_worker
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.graph import Graph, builder_queue
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store


@dataclass(frozen=True)
class Command:
    """Runs `watchglass workflow …` in a project of its own."""

    database: Database
    directory: Path
    project_id: UUID

    async def __call__(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        env = clean_environment(
            WATCHGLASS_DATABASE_URL=self.database.login_url,
            WATCHGLASS_SYNC_DATABASE_URL=self.database.sync_url,
            WATCHGLASS_ROLE_SUFFIX=self.database.roles.suffix,
            WATCHGLASS_SECRET_KEY=SECRET_KEY,
            WATCHGLASS_DATA_DIR=str(self.directory),
        )
        command = [sys.executable, "-m", "watchglass", "workflow", *arguments]
        done = await asyncio.to_thread(
            subprocess.run, command, env=env, input=typed, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    async def on_project(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        return await self(*arguments, "--project", str(self.project_id), typed=typed)

    def file(self, graph: Graph) -> str:
        path = self.directory / f"{uuid4()}.yaml"
        path.write_text(write_file(graph), encoding="utf-8")
        return str(path)


@pytest.fixture
async def command(store: Store, database: Database, tmp_path: Path) -> Command:
    project_id, _ = await make_project(store, f"cli {uuid4()}", owner="owner")
    return Command(database, tmp_path, project_id)


def blank(**more: Any) -> Graph:
    return blank_graph(f"order-{uuid4().hex[:8]}").model_copy(update=more)


async def test_a_file_is_pushed_pulled_and_pushed_again_without_change(command: Command) -> None:
    graph = blank(description="of a shop")
    assert await command.on_project("push", command.file(graph), "--note", "first") == (
        0,
        f"Version 1 of {graph.name} is saved.\n",
        "",
    )
    code, text, _ = await command("pull", graph.name)
    assert (code, text) == (0, write_file(graph))
    assert await command("push", "-", typed=text) == (
        0,
        f"Nothing has changed since version 1 of {graph.name}.\n",
        "",
    )
    changed = graph.model_copy(update={"description": "of two shops"})
    assert (await command("push", command.file(changed)))[1] == f"Version 2 of {graph.name} is saved.\n"
    assert (await command("pull", graph.name, "--version", "1"))[1] == text
    out = command.directory / "out.yaml"
    assert (await command("pull", graph.name, "--out", str(out)))[0] == 0
    assert out.read_text(encoding="utf-8") == write_file(changed)


async def test_a_draft_with_changes_of_its_own_is_not_overwritten_unasked(command: Command, store: Store) -> None:
    graph = blank()
    await command.on_project("push", command.file(graph))
    async with store.write() as writer:
        await writer.execute(
            "UPDATE workflow_drafts SET graph = jsonb_set(graph::jsonb, '{description}', '\"drawn\"')::json, "
            "revision = revision + 1, updated_by_name = 'grace' WHERE project_id = $1",
            command.project_id,
        )
    changed = graph.model_copy(update={"description": "in git"})
    code, _, error = await command("push", command.file(changed))
    assert code == 1
    assert "has 1 changes that are in no version (saved by grace at" in error
    assert "description: drawn\n" in (await command("pull", graph.name, "--draft"))[1]
    assert (await command("push", command.file(changed), "--over-draft"))[1] == f"Version 2 of {graph.name} is saved.\n"


@pytest.mark.parametrize("text", ["", "{", "42", "nodes: []", '{"name": "x", "nodes": [{"id": "a", "kind": "zap"}]}'])
async def test_what_is_no_workflow_is_refused_with_the_place(command: Command, text: str) -> None:
    code, _, error = await command.on_project("push", "-", typed=text)
    assert code == 2
    assert "is not a workflow of Watchglass" in error


async def test_validating_tells_lines_and_points_into_expressions(command: Command) -> None:
    path = command.directory / "order.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    code, out, error = await command("validate", str(path))
    assert (code, error) == (1, "watchglass: The workflow cannot run like this.\n")
    assert out == (
        f"{path}:11: error: charge /input/amount: There is no node with the id totl. Is nodes.total meant?\n"
        "    1 + nodes.totl.sum\n"
        "        ^^^^^^^^^^^^^^\n"
        f"{path}:12: warning: charge /retry: This may never finish: it is tried again until it succeeds. "
        "Set a limit for all attempts together to end it some day.\n"
    )


async def test_validating_needs_no_installation_but_for_what_is_in_a_project(command: Command) -> None:
    path = command.directory / "order.yaml"
    path.write_text(BROKEN.replace("totl", "total").replace("keep_trying", "fail_after"), encoding="utf-8")
    assert await command("validate", str(path)) == (0, f"{path}: no problems\n", "")
    code, out, _ = await command.on_project("validate", str(path))
    assert code == 1
    assert "There is no component payments.charge in this project." in out


async def test_validating_several_files_counts_those_that_are_wrong(command: Command) -> None:
    good = command.file(blank())
    code, out, error = await command("validate", good, "-", typed="nodes: []")
    assert (code, error) == (1, "watchglass: 1 of 2 cannot run like this.\n")
    assert out == f"{good}: no problems\n-:1: error: /name: “name” is missing.\n"
    assert (await command("validate", "nowhere.yaml"))[0] == 2


BROKEN = """\
format: watchglass/workflow/v1
name: order
nodes:
- id: start
  kind: start
- {id: total, kind: set, name: Totl, values: {sum: 1}}
- id: charge
  kind: activity
  component: payments.charge
  input:
    amount: =1 + nodes.totl.sum
  retry:
    strategy: keep_trying
edges:
- {source: start, target: total}
- {source: total, target: charge}
"""


async def test_a_file_that_is_not_there_a_name_that_is_not_there(command: Command) -> None:
    assert "cannot be read" in (await command.on_project("push", "nowhere.yaml"))[2]
    code, _, error = await command("pull", "nothing-of-that-name")
    assert (code, "There is no workflow named 'nothing-of-that-name'" in error) == (1, True)
    code, _, error = await command("pull", "x", "--project", "no such project")
    assert (code, "There is no project 'no such project'" in error) == (1, True)


async def test_a_name_in_two_projects_needs_the_project(command: Command, store: Store) -> None:
    graph = blank()
    other, _ = await make_project(store, f"cli {uuid4()}", owner="owner")
    for project_id in (command.project_id, other):
        await command("push", command.file(graph), "--project", str(project_id))
    code, _, error = await command("pull", graph.name)
    assert (code, "Say which with --project" in error) == (2, True)


async def test_who_pushed_is_written_down(command: Command, database: Database) -> None:
    await command.on_project("push", command.file(blank()), "--note", "why")
    admin = await asyncpg.connect(database.admin_url)
    rows = await admin.fetch(
        "SELECT action, user_name FROM audit_log WHERE project_id = $1 ORDER BY id", command.project_id
    )
    await admin.close()
    assert [tuple(row) for row in rows] == [("workflow.create", "owner"), ("version.save", "owner")]


@pytest.mark.acceptance
async def test_a_run_is_started_and_an_input_that_does_not_fit_is_refused(
    command: Command, store: Store, temporal: EmbeddedTemporal
) -> None:
    schema = {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]}
    graph = blank(input_schema=schema)
    code, _, error = await command.on_project("push", command.file(graph))
    assert code == 0, error
    code, _, error = await command("run", graph.name, "--input", '{"amount": 1}')
    assert (code, "no connection to a Temporal" in error) == (1, True)
    async with store.write() as writer:
        await ensure_connection(
            writer, project_id=command.project_id, address=temporal.address, namespace="default", is_embedded=True
        )
    code, _, error = await command("run", graph.name, "--input", '{"amount": "many"}')
    assert (code, "amount" in error) == (2, True)
    code, _, error = await command("run", graph.name, "--input", "{")
    assert (code, "cannot be read as JSON" in error) == (2, True)
    given = command.directory / "input.json"
    given.write_text('{"amount": 2}')
    code, _, error = await command("run", graph.name, "--input", f"@{given}", "--id", f"mine-{graph.name}")
    assert (code, f"Run mine-{graph.name} of version 1 was started" in error) == (0, True)


@pytest.mark.acceptance
async def test_a_run_is_awaited_through_all_that_carries_it_on_and_its_end_decides_the_exit_code(
    command: Command, store: Store, temporal: EmbeddedTemporal
) -> None:
    async with store.write() as writer:
        await ensure_connection(
            writer, project_id=command.project_id, address=temporal.address, namespace="default", is_embedded=True
        )
    nodes = [
        node("fine", "branch", cases=[{"port": "yes", "when": "input.fine"}]),
        node("good", "end", result={"said": "=input.text"}),
        node("bad", "end", outcome="failed", message="=input.text", errorType="Refused"),
    ]
    graph = drawing(f"ends-{uuid4().hex[:8]}", nodes, "start>fine", "fine.yes>good", "fine.otherwise>bad")
    assert (await command.on_project("push", command.file(graph)))[0] == 0
    parts = open_parts(store)
    token = await create_token(store, user="owner", name="worker", lifetime=timedelta(hours=1))
    async with client_for(store, parts) as client:
        caller = Caller(client, token)

        async def read_graph(workflow_id: str, version: int) -> Any:
            found = await caller.data("workflow.getRunnable", {"workflowId": workflow_id, "version": version})
            return found["graph"]

        worker = project_worker(
            await Client.connect(temporal.address),
            task_queue=builder_queue(command.project_id),
            components=[],
            read_graph=read_graph,
        )
        async with worker:
            good = await command("run", graph.name, "--wait", "--input", '{"fine": true, "text": "done"}')
            bad = await command("run", graph.name, "--wait", "--input", '{"fine": false, "text": "sold out"}')
    assert (good[0], good[1]) == (0, '{"said":"done"}\n')
    assert bad[0] == 1
    assert bad[1] == ""
    assert "ended as failed: sold out" in bad[2]
