"""`watchglass up` as people and scripts use it: real processes from the first line to the last."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from temporalio.client import Client
from tests.acceptance.running import Running, clean_environment, read_pid, refused
from tests.databases import Database
from tests.servers import make_shared_directory

from watchglass.embedded.ports import LOOPBACK, free_port, is_port_free
from watchglass.embedded.temporal import EmbeddedTemporal

pytestmark = pytest.mark.acceptance

PATIENCE_SECONDS = 60


def start(data_dir: Path, *arguments: str, **settings: str) -> Running:
    return Running(
        *("--data-dir", str(data_dir), "--port", str(free_port()), "--no-demo", *arguments),
        env=clean_environment(**settings),
    )


def call(ready: dict[str, Any], procedure: str, **given: Any) -> Any:
    """Ask one query as the script that holds the ready line's token."""
    with httpx.Client(base_url=ready["url"], headers={"Authorization": f"Bearer {ready['token']}"}) as client:
        answer = client.get(f"/trpc/{procedure}", params={"input": json.dumps(given)} if given else {}, timeout=30)
    answer.raise_for_status()
    return answer.json()["result"]["data"]


def tell(ready: dict[str, Any], procedure: str, **given: Any) -> Any:
    """Change something as the script that holds the ready line's token."""
    with httpx.Client(base_url=ready["url"], headers={"Authorization": f"Bearer {ready['token']}"}) as client:
        answer = client.post(f"/trpc/{procedure}", json=given, timeout=30)
    answer.raise_for_status()
    return answer.json()["result"]["data"]


def until(truth: Callable[[], object]) -> Any:
    """Return the first answer that is not empty; errors of a server that is away count as empty."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    last: object = None
    while time.monotonic() < deadline:
        try:
            found = truth()
        except (httpx.HTTPError, KeyError) as error:
            found, last = None, error
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not become true; last: {last!r}")


def workflows_of(ready: dict[str, Any], project: str) -> list[str]:
    found = next(item for item in call(ready, "project.list")["items"] if item["name"] == project)
    return [item["name"] for item in call(ready, "workflow.list", projectId=found["id"])["items"]]


def command(data_dir: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "watchglass", *arguments, "--data-dir", str(data_dir)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    directory = make_shared_directory()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def up(place: Path) -> Iterator[Running]:
    with start(place) as running:
        yield running


@pytest.fixture(scope="module")
def ready(up: Running) -> dict[str, Any]:
    return up.wait_for("ready")


class TestReadyLine:
    def test_it_says_where_everything_is(self, ready: dict[str, Any]) -> None:
        assert {"event", "url", "sign_in_url", "token", "temporal_address", "namespace"} <= ready.keys()
        assert ready["namespace"] == "default"
        assert ready["sign_in_url"].startswith(ready["url"])
        assert httpx.get(f"{ready['url']}healthz").status_code == 200

    def test_its_token_is_the_owners(self, ready: dict[str, Any]) -> None:
        assert [item["role"] for item in call(ready, "project.list")["items"]] == ["owner"]

    def test_no_other_line_holds_a_secret(self, up: Running, ready: dict[str, Any]) -> None:
        secret = urlsplit(ready["sign_in_url"]).fragment.partition("=")[2]
        others = [line for line in up.lines if '"event": "ready"' not in line]
        assert others
        assert [line for line in others if ready["token"] in line or secret in line or "postgresql://" in line] == []

    def test_its_link_signs_in_once(self, ready: dict[str, Any]) -> None:
        secret = urlsplit(ready["sign_in_url"]).fragment.partition("=")[2]
        first = httpx.post(f"{ready['url']}auth/exchange", json={"token": secret})
        second = httpx.post(f"{ready['url']}auth/exchange", json={"token": secret})
        assert (first.status_code, second.status_code) == (204, 401)


class TestBesideARunningUp:
    def test_a_fresh_sign_in_link_can_be_printed(self, ready: dict[str, Any], place: Path) -> None:
        link = command(place, "sign-in-link")
        assert link.startswith(ready["url"])
        secret = urlsplit(link).fragment.partition("=")[2]
        assert httpx.post(f"{ready['url']}auth/exchange", json={"token": secret}).status_code == 204

    def test_a_token_can_be_made(self, ready: dict[str, Any], place: Path) -> None:
        token = command(place, "token", "create", "--user", "owner", "--name", "script")
        assert token.startswith("wg_")
        assert call({**ready, "token": token}, "project.list")["items"]

    def test_the_doctor_finds_everything_well(self, ready: dict[str, Any], place: Path) -> None:
        said = command(place, "doctor").splitlines()
        assert [line for line in said if not line.startswith("ok")] == []
        assert len(said) == 6, (
            "database, its connections, copies, control Temporal, the namespace that is looked at, page"
        )

    def test_the_doctor_says_when_the_database_allows_too_few_connections(
        self, ready: dict[str, Any], place: Path
    ) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "watchglass", "doctor", "--data-dir", str(place), "--workers", "10"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "connections to PostgreSQL: 168 at most, of 1 API and 10 workers" in done.stdout
        assert "PostgreSQL allows 97." in done.stdout

    def test_sync_copies_and_history_prints_what_temporals_own_tool_would(
        self, ready: dict[str, Any], place: Path
    ) -> None:
        start_run(ready, workflow_type="InvoiceRun")
        said = command(place, "sync", "--wait", "--query", "WorkflowType = 'InvoiceRun'")
        assert said.startswith("There is 1 run. At level all this copies 1 run, ")
        assert "1 of 1 runs" in said.splitlines()[-1]
        found = call(ready, "project.list")["items"][0]
        workflow = call(ready, "workflow.list", projectId=found["id"])["items"][0]
        items = call(ready, "execution.getExecutionHistory", workflowId=workflow["id"])["items"]
        printed = json.loads(command(place, "history", items[0]["id"]))
        assert printed["events"][0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"

    def test_a_second_page_can_be_served(self, ready: dict[str, Any], place: Path) -> None:
        with Running(
            "--data-dir", str(place), "--port", str(free_port()), command="api", env=clean_environment()
        ) as api:
            url = api.wait_for("serving")["url"]
            assert call({**ready, "url": url}, "project.list")["items"]
            assert api.stop() == 0

    def test_a_second_up_is_refused_and_the_first_goes_on(self, ready: dict[str, Any], place: Path) -> None:
        code, said = refused("--data-dir", str(place), "--port", str(free_port()), env=clean_environment())
        assert code == 1
        assert "is in use by process" in said
        assert call(ready, "project.list")["items"]

    def test_secrets_on_disk_are_their_owners_alone(self, ready: dict[str, Any], place: Path) -> None:
        names = {"running.json", "postgres-password", "login-password", "sync-password"}
        assert {name: oct((place / name).stat().st_mode & 0o777) for name in names} == dict.fromkeys(names, "0o600")


class TestProjects:
    def test_one_made_by_hand_is_looked_at_and_names_outlive_the_next_start(self, data_dir: Path) -> None:
        with start(data_dir) as first:
            ready = first.wait_for("ready")
            address = ready["temporal_address"]
            tell(ready, "project.update", projectId=call(ready, "project.list")["items"][0]["id"], name="Mine")
            shop = tell(ready, "project.create", name="Shop", connection={"address": address, "namespace": "demo"})
            until(lambda: call(ready, "project.get", projectId=shop["id"])["connection"]["state"] == "connected")
            assert first.stop() == 0
        with start(data_dir) as second:
            ready = second.wait_for("ready")
            assert [item["name"] for item in call(ready, "project.list")["items"]] == ["Mine", "Shop"]
            assert ready["temporal_address"] == address


class TestStopping:
    def test_everything_ends_and_the_next_start_carries_on(self, data_dir: Path) -> None:
        with start(data_dir) as first:
            ready = first.wait_for("ready")
            until(lambda: httpx.get(f"{ready['url']}readyz").status_code == 200)
            run = start_run(ready, workflow_type="OrderFulfilment")
            assert until(lambda: workflows_of(ready, "Local")) == ["OrderFulfilment"]
            children = [read_pid(data_dir / "temporal.pid"), read_pid(data_dir / "postgres/pgdata/postmaster.pid")]
            assert first.stop() == 0
        assert [pid for pid in children if Path("/proc", str(pid)).exists()] == []
        assert not (data_dir / "running.json").exists()
        with start(data_dir) as second:
            again = second.wait_for("ready")
            assert workflows_of(again, "Local") == ["OrderFulfilment"]
            assert describe_run(again, run) == "OrderFulfilment"
            assert second.stop() == 0

    def test_a_killed_one_leaves_nothing_that_disturbs_the_next(self, data_dir: Path) -> None:
        with start(data_dir) as first:
            first.wait_for("ready")
            first.process.kill()
            first.process.wait()
        with start(data_dir) as second:
            assert call(second.wait_for("ready"), "project.list")["items"]
            assert second.stop() == 0


class TestDyingChildren:
    def test_postgresql_temporal_and_worker_come_back(self, data_dir: Path) -> None:
        with start(data_dir, WATCHGLASS_LOG_LEVEL="debug") as running:
            worker = running.wait_for("process_started", process="worker")["pid"]
            ready = running.wait_for("ready")
            # One that finds no server at its own start ends by itself, and has another pid when it is killed here.
            until(lambda: any('"event": "working"' in line for line in running.lines))
            for name, pid in (
                ("postgres", read_pid(data_dir / "postgres/pgdata/postmaster.pid")),
                ("temporal", read_pid(data_dir / "temporal.pid")),
                ("worker", worker),
            ):
                os.kill(pid, signal.SIGKILL)
                running.wait_for("process_restarted", process=name)
            assert until(lambda: call(ready, "project.list")["items"])
            start_run(ready, workflow_type="AfterTheStorm")
            assert until(lambda: workflows_of(ready, "Local")) == ["AfterTheStorm"]
            assert running.stop() == 0


class TestPorts:
    def test_without_a_port_a_taken_default_is_passed_over(self, data_dir: Path) -> None:
        with socket.socket() as other:
            if is_port_free(8780):
                other.bind((LOOPBACK, 8780))
                other.listen()
            with Running("--data-dir", str(data_dir), "--no-demo", env=clean_environment()) as running:
                ready = running.wait_for("ready")
                assert urlsplit(ready["url"]).port not in {None, 8780}
                assert httpx.get(f"{ready['url']}healthz").status_code == 200
                assert running.stop() == 0


class TestServersOfYourOwn:
    def test_a_named_temporal_is_looked_at_and_a_named_database_is_used(
        self, data_dir: Path, temporal: EmbeddedTemporal, database: Database
    ) -> None:
        settings = {
            "TEMPORAL_ADDRESS": temporal.address,
            "WATCHGLASS_ADMIN_DATABASE_URL": database.admin_url,
            "WATCHGLASS_DATABASE_URL": database.login_url,
            "WATCHGLASS_SYNC_DATABASE_URL": database.sync_url,
            "WATCHGLASS_ROLE_SUFFIX": database.roles.suffix,
            "WATCHGLASS_TEMPORAL_UI_ADDRESS": "https://temporal.example/",
        }
        with start(data_dir, **settings) as running:
            ready = running.wait_for("ready")
            assert (ready["temporal_address"], ready["namespace"]) == (temporal.address, "default")
            (project,) = call(ready, "project.list")["items"]
            assert project["name"] == "default"
            workflow_id = start_run(ready, workflow_type="Linked")
            found = tell(
                ready, "execution.resolve", connectionId=project["connection"]["id"], temporalWorkflowId=workflow_id
            )
            details = call(ready, "execution.getExecutionDetails", executionId=found["executionId"])
            link = details["execution"]["temporalUrl"]
            assert link.startswith("https://temporal.example/namespaces/default/workflows/run-of-Linked/")
            assert not (data_dir / "postgres").exists()
            assert (data_dir / "temporal.db").exists(), "its own workflows run on its own Temporal"
            assert running.stop() == 0


def start_run(ready: dict[str, Any], *, workflow_type: str) -> str:
    """Start a run that no worker takes, and return its workflow id."""

    async def go() -> str:
        client = await Client.connect(ready["temporal_address"], namespace=ready["namespace"])
        handle = await client.start_workflow(workflow_type, id=f"run-of-{workflow_type}", task_queue="nobody")
        return handle.id

    return asyncio.run(go())


def describe_run(ready: dict[str, Any], workflow_id: str) -> str:
    async def go() -> str:
        client = await Client.connect(ready["temporal_address"], namespace=ready["namespace"])
        return (await client.get_workflow_handle(workflow_id).describe()).workflow_type

    return asyncio.run(go())
