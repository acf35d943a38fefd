"""The demo's drawn workflows as a newcomer finds them: `watchglass up`, and every state is there to be looked at."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.test_up import call, until
from tests.servers import make_shared_directory

from watchglass.demo.drawn import NOTE, SERVICE
from watchglass.demo.drawn_runs import drawn_runs
from watchglass.embedded.ports import free_port

pytestmark = pytest.mark.acceptance

Json = dict[str, Any]


@pytest.fixture(scope="module")
def up() -> Iterator["Up"]:
    place = make_shared_directory()
    with start(place) as running:
        yield Up(running)
    shutil.rmtree(place)


def start(place: Path) -> Running:
    arguments = ("--data-dir", str(place), "--port", str(free_port()))
    return Running(*arguments, env=clean_environment(WATCHGLASS_LOG_LEVEL="debug"))


class Up:
    """A running installation, asked as its page asks."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.ready = running.wait_for("ready")
        # Unlike `cache` on a method, it ends with the installation.
        self.workflow_id = cache(self._workflow_id)

    def call(self, procedure: str, **given: Any) -> Any:
        return call(self.ready, procedure, **given)

    def project_id(self) -> str:
        found: str = next(p["id"] for p in self.call("project.list")["items"] if p["name"] == "Demo")
        return found

    def _workflow_id(self, name: str) -> str:
        def found() -> str | None:
            rows = self.call("workflow.list", projectId=self.project_id())["items"]
            return next((row["id"] for row in rows if (row["name"], row["kind"]) == (name, "built")), None)

        workflow_id: str = until(found)
        return workflow_id

    def runs(self, name: str) -> dict[str, Json]:
        rows = self.call("execution.getExecutionHistory", workflowId=self.workflow_id(name), limit=200)["items"]
        return {row["temporalWorkflowId"]: row for row in rows}

    def run(self, name: str, id: str, status: str) -> Json:
        """The run when it has that status, and is copied: a list of Temporal's tells the status before."""

        def there() -> Json | None:
            row = self.runs(name).get(id)
            return row if row is not None and row["status"] == status and row["syncedAt"] else None

        row: Json = until(there)
        return row

    def node(self, execution_id: str, node_id: str, status: str) -> Json:
        """The node of the run when it has that status."""

        def there() -> Json | None:
            nodes = self.call("execution.getGraph", executionId=execution_id)["nodes"]
            return next((n for n in nodes if n["nodeId"] == node_id and n["status"] == status), None)

        node: Json = until(there)
        return node


@pytest.mark.parametrize(
    ("name", "id", "status"),
    [
        ("Wholesale order", "wholesale-W-2001", "completed"),
        ("Wholesale order", "wholesale-W-2002", "running"),
        ("Wholesale order", "wholesale-W-2003", "completed"),
        ("Wholesale order", "wholesale-W-2004", "failed"),
        ("Wholesale order", "wholesale-W-2005", "failed"),
        ("Wholesale order", "wholesale-W-2006", "failed"),
        ("Collect a payment", "wholesale-W-2001/collect", "completed"),
        ("Newsletter", "newsletter-spring", "completed"),
        ("Morning check", "morning-check-monday", "completed"),
        ("Morning check", "morning-check-tuesday", "failed"),
    ],
)
def test_a_run_gets_the_state_that_it_is_there_to_show(up: Up, name: str, id: str, status: str) -> None:
    assert up.run(name, id, status)["version"] == 1


@pytest.mark.parametrize(
    ("name", "id", "run_status", "node", "status", "attempt", "verdict", "reason"),
    [
        (
            "Stock of a marketplace",
            "stock-greenmarket",
            "completed",
            "push",
            "completed",
            4,
            "expected",
            "within_policy",
        ),
        ("Print a label", "label-4001", "completed", "print", "completed", 3, "expected", "within_policy"),
        ("Print a label", "label-4002", "completed", "print", "failed", 3, "unexpected", "exhausted"),
        ("Collect a payment", "card-3001", "completed", "charge", "completed", 3, "expected", "within_policy"),
        ("Collect a payment", "card-3002", "failed", "charge", "failed", 5, "unexpected", "exhausted"),
        ("Collect a payment", "card-3003", "failed", "charge", "failed", 1, "unexpected", "non_retryable"),
        ("Newsletter", "newsletter-summer", "completed", "send", "failed", 1, "unexpected", "no_policy"),
        ("Morning check", "morning-check-tuesday", "failed", "scale", "failed", 3, "unexpected", "exhausted"),
    ],
)
def test_retries_are_judged_by_what_was_chosen(
    up: Up,
    name: str,
    id: str,
    run_status: str,
    node: str,
    status: str,
    attempt: int,
    verdict: str,
    reason: str,
) -> None:
    found = up.node(up.run(name, id, run_status)["id"], node, status)
    assert (found["attempt"], found["retryVerdict"], found["retryReason"]) == (attempt, verdict, reason)


def test_a_node_is_retrying_now_and_for_ever(up: Up) -> None:
    run = up.run("Stock of a marketplace", "stock-cupandco", "running")
    assert up.node(run["id"], "push", "retrying")["retryVerdict"] == "expected"


def test_an_approval_waits_with_its_question_and_form(up: Up) -> None:
    run = up.run("Wholesale order", "wholesale-W-2002", "running")
    approval = up.node(run["id"], "approve", "waiting_for_approval")["approval"]
    assert approval["question"] == "Hotel Villa Rosa orders for 1935.4 EUR. Deliver on account?"
    assert [*approval["form"]["properties"]] == ["discountPercent", "comment"]


def test_a_failure_goes_on_at_its_error_port(up: Up) -> None:
    run = up.run("Print a label", "label-4002", "completed")
    assert up.node(run["id"], "print", "failed")["port"] == "error"
    assert up.node(run["id"], "by-hand", "completed")["port"] == "next"


def test_one_item_of_a_loop_has_failed_and_the_others_went_on(up: Up) -> None:
    run = up.run("Wholesale order", "wholesale-W-2001", "completed")
    assert up.node(run["id"], "reserve", "completed")["iterations"] == {
        "total": 3,
        "completed": 2,
        "failed": 1,
        "running": 0,
    }
    items = up.call("execution.getNodeIterations", executionId=run["id"], nodeId="reserve-line")["items"]
    assert [(item["iteration"], item["errorMessage"]) for item in items if item["status"] == "failed"] == [
        ([1], "A-808 is sold out")
    ]


def test_a_run_waits_where_nobody_works_and_says_so(up: Up) -> None:
    def stuck() -> Json | None:
        row = up.run("Customs declaration", "customs-W-2005", "running")
        execution: Json = up.call("execution.getExecutionDetails", executionId=row["id"])["execution"]
        return execution if execution["problem"] == "no_worker" else None

    assert "demo-tax-office" in until(stuck)["problemDetail"]


def test_the_page_was_asked_through_a_service(up: Up) -> None:
    run = up.run("Morning check", "morning-check-monday", "completed")
    (output,) = up.call("execution.getExecutionDetails", executionId=run["id"])["execution"]["result"]
    assert output["text"] == '{"attempt":1,"status":200}'
    services = up.call("service.list", projectId=up.project_id())
    assert [(each["name"], each["settings"]["baseUrl"]) for each in services["items"]] == [(SERVICE, up.ready["url"])]
    assert services["networks"] == ["127.0.0.1/32"]


def test_a_second_start_adds_nothing() -> None:
    names = {run.workflow for run in drawn_runs()}
    place = make_shared_directory()
    try:
        with start(place) as running:
            running.wait_for("demo_drawings_played")
        with start(place) as running:
            again = Up(running)
            running.wait_for("demo_drawings_played")
            for name in names:
                versions = again.call("workflow.listVersions", workflowId=again.workflow_id(name))["items"]
                assert [(each["version"], each["note"]) for each in versions] == [(1, NOTE)]
            lines = again.call("audit.list", projectId=again.project_id(), limit=200)["items"]
            runs = [line["details"]["temporalWorkflowId"] for line in lines if line["action"] == "workflow.run"]
            assert sorted(runs) == sorted(run.id for run in drawn_runs())
            # The page is at another port now, and the service with it.
            (service,) = again.call("service.list", projectId=again.project_id())["items"]
            assert service["settings"]["baseUrl"] == again.ready["url"]
    finally:
        shutil.rmtree(place)
