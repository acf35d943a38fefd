"""A project's own worker, as people start it: with a module of theirs, beside a running installation."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.test_up import call, place, ready, tell, until, up
from tests.builder.drawings import activity, drawing, node
from tests.servers import SOURCES

from watchglass.model.graph import Graph

__all__ = ["place", "ready", "up"]
pytestmark = pytest.mark.acceptance

MODULE = '''
from pydantic import BaseModel
from watchglass import component

class Order(BaseModel):
    number: str

class Receipt(BaseModel):
    url: str

@component(category="Shop")
def write_receipt(order: Order) -> Receipt:
    """Writes a receipt."""
    return Receipt(url="https://shop.example/" + order.number)
'''
RECEIPTS = drawing(
    "Receipts",
    [
        node("each", "for_each", items="input.numbers", concurrency=2, result="nodes.receipt.url"),
        activity("receipt", "write_receipt", {"number": "=item"}, parent="each"),
        node("end", "end", result="=nodes.each"),
    ],
    *("start>each>end", "each.each>receipt"),
)
WAITS = drawing(
    "Waits",
    [node("nap", "wait", seconds=4), activity("transform", "watchglass.transform", {"expression": "1 + 1"})],
    "start>nap>transform",
)


@pytest.fixture(scope="module")
def app(place: Path, ready: dict[str, Any]) -> Iterator[Running]:
    """A worker with the module, that found the installation by its data directory."""
    (place / "shop_of_a_test.py").write_text(MODULE)
    env = clean_environment() | {"PYTHONPATH": os.pathsep.join((SOURCES, str(place)))}
    with Running("--app", "shop_of_a_test", "--data-dir", str(place), env=env, command="worker") as running:
        running.wait_for("runs_workflows", project="Local")
        yield running


def project_of(ready: dict[str, Any]) -> str:
    [project] = call(ready, "project.list")["items"]
    return str(project["id"])


def saved(ready: dict[str, Any], graph: Graph) -> str:
    made = tell(
        ready,
        "workflow.create",
        projectId=project_of(ready),
        name=graph.name,
        graph=graph.model_dump(mode="json"),
    )
    tell(ready, "workflow.saveVersion", workflowId=made["workflowId"], revision=1, note="First")
    return str(made["workflowId"])


def ended(ready: dict[str, Any], execution_id: str) -> dict[str, Any]:
    """The run, when it is over."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = call(ready, "execution.getExecutionDetails", executionId=execution_id)["execution"]
        return found if found["status"] not in ("pending", "running") else None

    found: dict[str, Any] = until(look)
    return found


def result_of(run: dict[str, Any]) -> Any:
    return json.loads(run["result"][0]["text"])


class TestOfUp:
    def test_what_is_built_in_runs_without_a_worker_of_ones_own_and_outlives_its_workers(
        self, up: Running, ready: dict[str, Any]
    ) -> None:
        up.wait_for("runs_workflows", project="Local")
        run = tell(ready, "workflow.run", workflowId=saved(ready, WAITS), input={})
        for pid in _workers(up.process.pid):
            os.kill(pid, signal.SIGKILL)
        found = ended(ready, run["executionId"])
        assert (found["status"], found["version"]) == ("completed", 1)


def _workers(pid: int) -> list[int]:
    """The project workers among a process's children."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"worker" in words and b"--project" in words:
            found.append(int(child))
    assert found
    return found


class TestOfPeople:
    def test_its_components_are_in_the_catalogue(self, app: Running, ready: dict[str, Any]) -> None:
        items = call(ready, "component.list", projectId=project_of(ready))["items"]
        [found] = [item for item in items if item["type"] == "write_receipt"]
        assert (found["name"], found["category"], found["source"]) == ("Write receipt", "Shop", "worker")
        assert found["inputSchema"]["required"] == ["number"]
        assert found["taskQueue"] == f"watchglass-{project_of(ready)}:shop_of_a_test"

    def test_and_run_among_others(self, app: Running, ready: dict[str, Any]) -> None:
        workflow_id = saved(ready, RECEIPTS)
        run = tell(ready, "workflow.run", workflowId=workflow_id, input={"numbers": ["7", "8", "9"]})
        found = ended(ready, run["executionId"])
        assert found["status"] == "completed"
        assert result_of(found) == [f"https://shop.example/{number}" for number in (7, 8, 9)]

    def test_it_ends_when_it_is_asked_to(self, place: Path, ready: dict[str, Any]) -> None:
        with Running("--project", "Local", "--data-dir", str(place), env=clean_environment(), command="worker") as one:
            one.wait_for("runs_workflows")
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(30) == 0
        assert "Traceback" not in "\n".join(one.lines)


class TestRefused:
    @pytest.mark.parametrize(
        ("arguments", "code", "part"),
        [
            (["--app", "no_such_module"], 2, "The module no_such_module cannot be imported"),
            (["--app", "json"], 2, "The module json defines no component"),
            (["--project", "Elsewhere"], 1, "You have no project 'Elsewhere'. There is Local."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, place: Path, ready: dict[str, Any], arguments: list[str], code: int, part: str
    ) -> None:
        assert part in said(place, *arguments, code=code)

    def test_without_an_installation_it_says_how_to_name_one(self, data_dir: Path) -> None:
        assert "set WATCHGLASS_URL and WATCHGLASS_TOKEN" in said(data_dir, "--project", "Local", code=1)

    def test_a_token_that_is_none_is_refused_in_the_apis_words(self, data_dir: Path, ready: dict[str, Any]) -> None:
        settings = {"WATCHGLASS_URL": ready["url"], "WATCHGLASS_TOKEN": "wg_nobody"}
        assert "You are not signed in" in said(data_dir, "--project", "Local", code=1, **settings)

    def test_nobody_at_the_address_is_said_so(self, data_dir: Path) -> None:
        settings = {"WATCHGLASS_URL": "http://127.0.0.1:9", "WATCHGLASS_TOKEN": "wg_x"}
        assert "Watchglass at http://127.0.0.1:9 does not answer" in said(
            data_dir, "--project", "Local", code=1, **settings
        )


def said(data_dir: Path, *arguments: str, code: int, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "watchglass", "worker", *arguments, "--data-dir", str(data_dir)],
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr
