"""A run on its drawing: every node, the items of loops, decisions, and what people do to it, in a real browser."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tests.acceptance.observed import new_id
from tests.acceptance.shop import TASK_QUEUE, OrderFulfilment
from tests.acceptance.shown import ORDER, Scheme, Shown, called, is_wider_than_the_screen, violations

from watchglass.model.journal import MEMO_RUN, READ_GRAPH

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

Json = dict[str, Any]
CHANCE = "watchglass.random_failure"
FORM = {
    "type": "object",
    "properties": {"limit": {"type": "number", "title": "Credit limit"}, "note": {"type": "string", "title": "Note"}},
    "required": ["limit"],
}
NODES: list[Json] = [
    {"kind": "start", "id": "start"},
    {"kind": "activity", "id": "validate", "name": "Validate order", "component": CHANCE, "input": {"probability": 0}},
    {"kind": "branch", "id": "large", "name": "Large order?", "cases": [{"port": "yes", "when": "input.amount > 100"}]},
    {"kind": "approval", "id": "ask", "name": "Ask", "question": '="May " + input.order + " go on?"', "form": FORM},
    {"kind": "set", "id": "small", "name": "No approval needed", "values": {"limit": 0}},
    {
        "kind": "for_each",
        "id": "lines",
        "name": "Every line",
        "items": "input.lines",
        "concurrency": 4,
        "onError": "continue",
    },
    {
        "kind": "activity",
        "id": "reserve",
        "name": "Reserve stock",
        "component": CHANCE,
        "parent": "lines",
        "input": {"probability": "=item"},
        "retry": {"strategy": "fail_after", "maximumAttempts": 2, "initialIntervalSeconds": 0.1},
    },
    {
        "kind": "activity",
        "id": "capture",
        "name": "Capture payment",
        "component": CHANCE,
        "input": {"probability": "=input.risk", "errorType": "GatewayTimeout"},
        "retry": {"strategy": "fail_after", "maximumAttempts": 3, "initialIntervalSeconds": 0.1},
    },
    {"kind": "activity", "id": "notify", "name": "Tell customer", "component": CHANCE, "input": {"probability": 0}},
    {"kind": "end", "id": "done", "result": "=input.order"},
    {"kind": "end", "id": "refused", "outcome": "failed", "errorType": "Refused", "message": "A person said no"},
]
LINES = [
    ("start", "next", "validate"),
    ("validate", "next", "large"),
    ("large", "yes", "ask"),
    ("large", "otherwise", "small"),
    ("ask", "approved", "lines"),
    ("ask", "rejected", "refused"),
    ("small", "next", "lines"),
    ("lines", "each", "reserve"),
    ("lines", "next", "capture"),
    ("capture", "next", "notify"),
    ("notify", "next", "done"),
]
SCHEMA = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "title": "Order number"},
        "amount": {"type": "number"},
        "risk": {"type": "number"},
        "lines": {"type": "array", "items": {"type": "number"}},
    },
    "required": ["order", "amount"],
}
CALM: Json = {"order": "A-1", "amount": 20, "risk": 0, "lines": [0, 0]}
LARGE: Json = CALM | {"order": "A-2", "amount": 450}
FAILING: Json = {"order": "A-3", "amount": 20, "risk": 1, "lines": [0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]}


def graph_of(name: str, nodes: Sequence[Json], lines: Sequence[tuple[str, str, str]], **more: Any) -> Json:
    edges = [{"source": source, "port": port, "target": target} for source, port, target in lines]
    return {"format": "watchglass/workflow/v1", "name": name, "nodes": list(nodes), "edges": edges, **more}


async def saved(shown: Shown, graph: Json) -> str:
    given = {"projectId": shown.project_id, "name": graph["name"], "graph": graph}
    workflow_id: str = (await called(shown, "workflow.create", given))["workflowId"]
    await called(shown, "workflow.saveVersion", {"workflowId": workflow_id, "revision": 1, "note": ""})
    return workflow_id


async def run(shown: Shown, input: Json) -> str:
    """The path of the drawing of a new run of the order's workflow."""
    workflow_id = await saved(shown, graph_of(new_id("order"), NODES, LINES, inputSchema=SCHEMA))
    started = await called(shown, "workflow.run", {"workflowId": workflow_id, "input": input})
    return f"/executions/{started['executionId']}/graph"


def node(page: Page, node_id: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{node_id}"]')


def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Step")


async def select(page: Page, node_id: str) -> None:
    """With the keyboard, which needs no node to lie free."""
    await node(page, node_id).focus()
    await page.keyboard.press("Enter")


async def ended(page: Page, status: str) -> None:
    await expect(page.locator(".title .pill")).to_have_text(status, timeout=60_000)


async def is_shown_as(page: Page, node_id: str, text: str) -> None:
    await expect(node(page, node_id)).to_have_attribute("aria-label", re.compile(re.escape(text)), timeout=60_000)


class TestFailedRun:
    async def test_every_node_says_what_the_run_did_there(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, FAILING)) as page:
            await ended(page, "failed")
            await is_shown_as(page, "capture", "failed, 3 attempts")
            await is_shown_as(page, "small", "completed")
            await is_shown_as(page, "ask", "skipped")
            await is_shown_as(page, "notify", "not reached")
            await is_shown_as(page, "lines", "10 done · 2 failed of 12")
            await expect(node(page, "large").locator("li.ended")).to_contain_text("otherwise")
            await expect(page.locator(".line-path.failing")).to_have_count(5)
            await expect(page.locator(".line-path.passed")).to_have_count(5)

    async def test_drawing_and_list_have_one_selection(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, FAILING)) as page:
            await ended(page, "failed")
            await is_shown_as(page, "capture", "failed")
            await select(page, "capture")
            await expect(inspector(page)).to_contain_text("GatewayTimeout")
            await expect(inspector(page).get_by_role("table", name="Attempts").get_by_role("row")).to_have_count(4)
            await expect(page).to_have_url(re.compile(r"node=capture.*step=\d+"))
            await page.get_by_role("link", name="Steps", exact=True).click()
            await expect(inspector(page).get_by_role("heading", name="Capture payment")).to_be_visible()
            await page.get_by_role("link", name="Validate order").click()
            await expect(inspector(page).get_by_role("heading", name="Validate order")).to_be_visible()
            await page.get_by_role("link", name="Graph", exact=True).click()
            await expect(node(page, "validate").locator(".node")).to_have_class(re.compile("chosen"))
            await expect(inspector(page).get_by_role("heading", name="Validate order")).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(inspector(page)).to_have_count(0)

    async def test_items_that_failed_come_first_and_each_can_be_looked_at(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, FAILING)) as page:
            await ended(page, "failed")
            await is_shown_as(page, "lines", "2 failed")
            await select(page, "lines")
            items = inspector(page).get_by_role("list", name="The items")
            await expect(items.get_by_role("button")).to_have_count(12)
            await expect(items.get_by_role("button").nth(0)).to_contain_text("Item 5 failed")
            await expect(items.get_by_role("button").nth(1)).to_contain_text("Item 8 failed")
            await items.get_by_role("button").nth(1).click()
            await is_shown_as(page, "reserve", "failed, 2 attempts")
            await select(page, "reserve")
            await expect(inspector(page)).to_contain_text("Item 8")
            await expect(inspector(page)).to_contain_text("Why unexpected?")
            await page.get_by_role("button", name="The next item").click()
            await is_shown_as(page, "reserve", "Reserve stock, watchglass.random_failure, completed")
            await expect(inspector(page)).to_contain_text("Item 9")
            await expect(inspector(page).locator(".inspector-head .pill")).to_have_text("completed")
            await inspector(page).get_by_text("another item").click()
            items = inspector(page).get_by_role("list", name="The items").get_by_role("button")
            await expect(items.first).to_contain_text("Item 5 failed")
            await inspector(page).get_by_label("Item number").fill("5")
            await inspector(page).get_by_label("Item number").press("Enter")
            await expect(inspector(page).locator(".inspector-head .pill")).to_have_text("failed")
            await page.reload()
            await expect(inspector(page)).to_contain_text("Item 5")
            await page.get_by_role("button", name="all items").click()
            await is_shown_as(page, "reserve", "10 done · 2 failed of 12")

    async def test_items_are_found_by_their_status(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, FAILING)) as page:
            await ended(page, "failed")
            await is_shown_as(page, "lines", "2 failed")
            await select(page, "lines")
            await inspector(page).get_by_label("Status of the items").select_option("failed")
            items = inspector(page).get_by_role("list", name="The items").get_by_role("button")
            await expect(items).to_have_count(2)
            await inspector(page).get_by_label("Item number").fill("99")
            await expect(inspector(page)).to_contain_text("There is no such item: there are 12 items.")

    async def test_a_branch_says_which_way_it_went(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, FAILING)) as page:
            await is_shown_as(page, "large", "completed")
            await select(page, "large")
            await expect(inspector(page)).to_contain_text("It went otherwise: no case was true, to No approval needed.")
            await expect(inspector(page)).to_contain_text("input.amount > 100")

    async def test_the_version_leads_to_the_builder(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, CALM)) as page:
            await page.get_by_role("link", name="v1").click()
            await expect(page.get_by_text("You look at version 1")).to_be_visible()


class TestDecision:
    async def test_it_is_asked_for_at_the_head_and_the_run_goes_on(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, LARGE)) as page:
            waiting = page.get_by_test_id("waiting")
            await expect(waiting).to_contain_text("Waiting for a decision: May A-2 go on?", timeout=60_000)
            await is_shown_as(page, "ask", "waits for a decision")
            await waiting.get_by_role("button", name="Decide…").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_role("button", name="Approve").click()
            await expect(dialog).to_contain_text("This is needed to approve.")
            await dialog.get_by_label("Credit limit").fill("500")
            await dialog.get_by_role("button", name="Approve").click()
            await expect(dialog).to_have_count(0)
            # Nobody asks for the page again: it follows by itself.
            await is_shown_as(page, "ask", "completed")
            await is_shown_as(page, "done", "completed")
            await ended(page, "completed")
            await expect(waiting).to_have_count(0)

    async def test_a_person_rejects_it_at_the_node(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, LARGE)) as page:
            await is_shown_as(page, "ask", "waits for a decision")
            await select(page, "ask")
            await inspector(page).get_by_role("button", name="Reject").click()
            await ended(page, "failed")
            await is_shown_as(page, "refused", "failed")
            await expect(inspector(page)).to_contain_text("It was rejected, to End with a failure.")

    async def test_each_item_of_a_loop_is_decided_on_its_own(self, shown: Shown) -> None:
        nodes: list[Json] = [
            {"kind": "start", "id": "start"},
            {"kind": "for_each", "id": "each", "name": "Every request", "items": "[1, 2]", "concurrency": 2},
            {"kind": "approval", "id": "ask", "parent": "each", "question": '="Request " + string(item) + "?"'},
        ]
        workflow_id = await saved(
            shown, graph_of(new_id("requests"), nodes, [("start", "next", "each"), ("each", "each", "ask")])
        )
        started = await called(shown, "workflow.run", {"workflowId": workflow_id, "input": {}})
        async with shown.opened(f"/executions/{started['executionId']}/graph?node=ask") as page:
            items = inspector(page).get_by_role("list", name="The items").get_by_role("button")
            await expect(items).to_contain_text(["Item 1 waits for a decision", "Item 2 waits"], timeout=60_000)
            await items.nth(1).click()
            await expect(inspector(page).get_by_role("group", name="Decision")).to_contain_text("Request 2?")
            await inspector(page).get_by_role("button", name="Approve").click()
            await expect(items).to_contain_text(["Item 1 waits for a decision", "Item 2 completed"])
            await expect(page.get_by_test_id("waiting")).to_contain_text("Request 1?")
            await items.nth(0).click()
            await inspector(page).get_by_role("button", name="Reject").click()
            await ended(page, "completed")


class TestEnding:
    async def test_a_run_is_cancelled_after_asking(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, LARGE)) as page:
            await is_shown_as(page, "ask", "waits for a decision")
            await page.get_by_role("button", name="Cancel…").click()
            await page.get_by_role("dialog").get_by_role("button", name="Keep it running").click()
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.get_by_role("button", name="Cancel…").click()
            await page.get_by_role("dialog").get_by_label("Why").fill("wrong address")
            await page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
            await ended(page, "cancelled")
            await expect(page.get_by_role("button", name="Cancel…")).to_have_count(0)
            lines = await called(shown, "audit.list", {"projectId": shown.project_id}, is_query=True)
            assert ("execution.cancel", "wrong address") in [
                (line["action"], line["details"].get("reason")) for line in lines["items"]
            ]

    async def test_a_run_is_stopped_by_force_with_a_reason(self, shown: Shown) -> None:
        async with shown.opened(await run(shown, LARGE)) as page:
            await is_shown_as(page, "ask", "waits for a decision")
            await page.get_by_role("button", name="Stop by force…").click()
            dialog = page.get_by_role("dialog")
            await expect(dialog.get_by_role("button", name="Stop it by force")).to_be_disabled()
            await dialog.get_by_label("Why").fill("it hangs")
            await dialog.get_by_role("button", name="Stop it by force").click()
            await ended(page, "stopped by force")
            await expect(page.get_by_test_id("headline")).to_contain_text("it hangs")


async def test_a_run_is_run_again_with_a_change(shown: Shown) -> None:
    async with shown.opened(await run(shown, FAILING)) as page:
        await ended(page, "failed")
        first = page.url
        await page.get_by_role("button", name="Run again…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Order number")).to_have_value("A-3")
        await dialog.get_by_label("Order number").fill("")
        await dialog.get_by_role("button", name="Run", exact=True).click()
        await expect(dialog).to_contain_text("This is needed.")
        await dialog.get_by_label("Order number").fill("A-3 again")
        await dialog.get_by_role("spinbutton", name="Risk").fill("0")
        await dialog.get_by_role("button", name="Run", exact=True).click()
        await expect(page).not_to_have_url(first)
        await ended(page, "completed")
        await page.get_by_role("link", name="Input and result").click()
        await expect(page.get_by_role("region", name="result")).to_have_text('"A-3 again"')
        await expect(page.get_by_role("region", name="input")).to_contain_text("A-3 again")


async def test_a_queue_without_a_worker_is_said_with_what_to_do(shown: Shown) -> None:
    queue = new_id("nobody")
    graph = graph_of(new_id("lonely"), NODES, LINES, inputSchema=SCHEMA, taskQueue=queue)
    workflow_id = await saved(shown, graph)
    started = await called(shown, "workflow.run", {"workflowId": workflow_id, "input": CALM})
    async with shown.opened(f"/executions/{started['executionId']}/graph") as page:
        headline = page.get_by_test_id("headline")
        await expect(headline).to_contain_text(f"No worker is listening on {queue}", timeout=60_000)
        await expect(page.get_by_test_id("start-worker")).to_contain_text("watchglass worker --project Local")
        await expect(page.get_by_text("There is no drawing of this run")).to_have_count(0)


async def test_runs_of_another_interpreter_are_shown_on_a_registered_drawing(shown: Shown) -> None:
    prefix = new_id("registered")
    nodes: list[Json] = [
        {"kind": "start", "id": "start"},
        {"kind": "activity", "id": "check", "name": "Check it", "component": "orders.validate"},
        {
            "kind": "activity",
            "id": "pay",
            "name": "Pay",
            "component": "payments.capture",
        },
        {"kind": "end", "id": "done"},
    ]
    lines = [("start", "next", "check"), ("check", "next", "pay"), ("pay", "next", "done")]
    rules = {
        "runs": [{"workflowId": f"{prefix}-*"}],
        "nodes": [
            {"node": "check", "by": "activity_type", "matches": "orders.validate"},
            {"node": "pay", "by": "activity_type", "matches": "payments.capture"},
        ],
    }
    given = {"projectId": shown.project_id, "graph": graph_of(prefix, nodes, lines), "rules": rules}
    await called(shown, "workflow.register", given)
    with pytest.raises(WorkflowFailureError):
        await shown.client.execute_workflow(OrderFulfilment.run, ORDER, id=f"{prefix}-1", task_queue=TASK_QUEUE)
    async with shown.opened(shown.path_of(f"{prefix}-1")) as page:
        await page.get_by_role("link", name="Graph", exact=True).click()
        await is_shown_as(page, "pay", "failed, 3 attempts")
        await is_shown_as(page, "check", "completed")
        await is_shown_as(page, "done", "not reached")
        await select(page, "pay")
        await expect(inspector(page)).to_contain_text("GatewayTimeout")
        await expect(page.get_by_role("button", name="Run again…")).to_have_count(0)


@workflow.defn(name="Lenient")
class Lenient:
    """Runs a drawing, but with another retry policy than the drawing says."""

    @workflow.run
    async def run(self, given: Json) -> None:
        await workflow.execute_activity(
            READ_GRAPH, given, activity_id=READ_GRAPH, start_to_close_timeout=timedelta(seconds=10)
        )
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2)
        await workflow.execute_activity(
            "refuse", activity_id="pay", start_to_close_timeout=timedelta(seconds=10), retry_policy=policy
        )


async def test_another_policy_than_the_drawn_one_is_said_in_words(shown: Shown) -> None:
    nodes: list[Json] = [
        {"kind": "start", "id": "start"},
        {
            "kind": "activity",
            "id": "pay",
            "name": "Pay",
            "component": CHANCE,
            "input": {"probability": 1},
            "retry": {"strategy": "fail_after", "maximumAttempts": 5, "initialIntervalSeconds": 2},
        },
    ]
    name = new_id("lenient")
    workflow_id = await saved(shown, graph_of(name, nodes, [("start", "next", "pay")]))
    given = {"workflowId": workflow_id, "version": 1}
    graph = await called(shown, "workflow.getRunnable", given, is_query=True)

    @activity.defn(name=READ_GRAPH)
    async def read_graph(asked: Json) -> Json:
        found: Json = graph["graph"]
        return found

    @activity.defn(name="refuse")
    async def refuse() -> None:
        raise ApplicationError("no", type="CardDeclined")

    worker = Worker(
        shown.client,
        task_queue=name,
        workflows=[Lenient],
        activities=[read_graph, refuse],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        with pytest.raises(WorkflowFailureError):
            await shown.client.execute_workflow(Lenient.run, given, id=name, task_queue=name, memo={MEMO_RUN: given})
    async with shown.opened(shown.path_of(name)) as page:
        await page.get_by_role("link", name="Graph", exact=True).click()
        await is_shown_as(page, "pay", "failed, 2 attempts")
        await select(page, "pay")
        told = inspector(page).get_by_role("note")
        await expect(told).to_contain_text("The server ran another retry policy than the drawing says.")
        await expect(told).to_contain_text("Drawn: At most 5 attempts, first wait 2.0 s")
        await expect(told).to_contain_text("Used: At most 2 attempts, first wait 0.1 s")
        await inspector(page).get_by_role("tab", name="Policy").click()
        await expect(inspector(page).get_by_role("tabpanel")).to_contain_text("The drawing says something else")
        assert await violations(page) == []


async def test_of_a_large_run_only_what_is_in_sight_is_drawn(shown: Shown) -> None:
    steps: list[Json] = [{"kind": "set", "id": f"n{at}", "values": {"at": at}} for at in range(298)]
    nodes: list[Json] = [{"kind": "start", "id": "start"}, *steps, {"kind": "end", "id": "end"}]
    ids = [each["id"] for each in nodes]
    lines = [(one, "next", other) for one, other in pairwise(ids)]
    workflow_id = await saved(shown, graph_of(new_id("large"), nodes, lines))
    started = await called(shown, "workflow.run", {"workflowId": workflow_id, "input": {}})
    async with shown.opened(f"/executions/{started['executionId']}/graph?node=n250") as page:
        await is_shown_as(page, "n250", "completed")
        assert await page.locator(".react-flow__node").count() < 60


async def test_a_phone_shows_the_step_in_a_sheet(shown: Shown) -> None:
    async with shown.opened(await run(shown, FAILING), width=390) as page:
        await ended(page, "failed")
        await page.get_by_role("button", name="Show what failed").click()
        sheet = page.get_by_role("dialog", name="Step")
        await expect(sheet).to_contain_text("GatewayTimeout")
        await sheet.get_by_role("button", name="Close the step").click()
        await expect(sheet).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
async def test_it_is_readable_in_every_light_and_size(shown: Shown, scheme: Scheme, width: int) -> None:
    waiting, failed = await run(shown, LARGE), await run(shown, FAILING)
    async with shown.opened(failed, scheme=scheme, width=width) as page:
        await ended(page, "failed")
        await is_shown_as(page, "capture", "failed")
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        for asked in ("?node=lines", "?node=capture", '?node=reserve&items={"lines":4}', "?node=large"):
            await page.goto(f"{shown.url.rstrip('/')}{failed}{asked}")
            await expect(page.get_by_role("button", name="Close the step")).to_be_visible()
            await expect(page.locator(".skeleton")).to_have_count(0)
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
        await page.goto(f"{shown.url.rstrip('/')}{waiting}")
        await expect(page.get_by_test_id("waiting")).to_be_visible(timeout=60_000)
        await page.get_by_role("button", name="Decide…").click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        for question in ("Stop by force…", "Run again…"):
            await page.get_by_role("button", name=question).click()
            await expect(page.get_by_role("dialog").locator(".skeleton")).to_have_count(0)
            assert await violations(page) == []
            await page.keyboard.press("Escape")
