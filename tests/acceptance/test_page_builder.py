"""The builder as somebody uses it: drawn from nothing, saved by itself, changed by two people, run, read on a phone."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from tests.acceptance.observed import new_id
from tests.acceptance.shown import Scheme, Shown, called, is_wider_than_the_screen, violations

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

Json = dict[str, Any]

ORDER: list[Json] = [
    {"kind": "start", "id": "start"},
    {"kind": "set", "id": "prepare", "values": {"total": "=input.amount * 2"}},
    {
        "kind": "branch",
        "id": "large",
        "name": "Large?",
        "cases": [{"port": "yes", "when": "nodes.prepare.total > 100"}],
    },
    {"kind": "approval", "id": "ask", "name": "Ask a person", "question": "Is this order fine?", "timeoutSeconds": 60},
    {"kind": "for_each", "id": "lines", "name": "Every line", "items": "input.lines", "concurrency": 4},
    {"kind": "wait", "id": "pause", "seconds": 1, "parent": "lines"},
    {
        "kind": "activity",
        "id": "capture",
        "name": "Capture payment",
        "component": "transform",
        "retry": {"strategy": "fail_after", "maximumAttempts": 5},
        "nonRetryableErrors": ["CardDeclined"],
    },
    {"kind": "end", "id": "done", "result": "=nodes.prepare.total"},
    {"kind": "end", "id": "refused", "outcome": "failed"},
]
LINES: list[tuple[str, str, str]] = [
    ("start", "next", "prepare"),
    ("prepare", "next", "large"),
    ("large", "yes", "ask"),
    ("large", "otherwise", "lines"),
    ("ask", "approved", "lines"),
    ("ask", "rejected", "refused"),
    ("ask", "timed-out", "refused"),
    ("lines", "each", "pause"),
    ("lines", "next", "capture"),
    ("capture", "next", "done"),
]


def drawing(name: str, nodes: list[Json], lines: list[tuple[str, str, str]]) -> Json:
    edges = [{"source": source, "port": port, "target": target} for source, port, target in lines]
    asked = {"type": "object", "properties": {"amount": {"type": "number"}, "lines": {"type": "array"}}}
    return {"format": "watchglass/workflow/v1", "name": name, "inputSchema": asked, "nodes": nodes, "edges": edges}


async def drawn(shown: Shown, nodes: list[Json] = ORDER, lines: list[tuple[str, str, str]] = LINES) -> str:
    """The path of the builder of a new workflow."""
    name = new_id("drawn")
    made = await called(
        shown,
        "workflow.create",
        {"projectId": shown.project_id, "name": name, "graph": drawing(name, nodes, lines)},
    )
    return f"/workflows/{made['workflowId']}/builder"


async def draft_of(shown: Shown, page: Page) -> Json:
    found = re.search(r"/workflows/([^/]+)/builder", page.url)
    assert found
    return await called(shown, "workflow.getDraft", {"workflowId": found[1]})


def node(page: Page, node_id: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{node_id}"]')


async def is_saved(page: Page) -> None:
    await expect(page.locator(".saving-note")).to_have_text("saved")


async def add(page: Page, component: str, *, after: str) -> None:
    """With the keyboard: the search, then Enter."""
    await node(page, after).click()
    search = page.get_by_label("Find a component")
    await search.fill(component)
    await search.press("Enter")
    await expect(page.get_by_role("tab", name="Inputs")).to_be_visible()


async def test_a_workflow_is_drawn_from_nothing_saved_and_run(shown: Shown) -> None:
    name = new_id("from-nothing")
    async with shown.opened(f"/projects/{shown.project_id}") as page:
        await page.get_by_role("button", name="New workflow").click()
        await page.get_by_label("Name").fill(name)
        await page.get_by_role("button", name="Draw it").click()
        await expect(page.get_by_role("link", name="Builder")).to_have_attribute("aria-current", "page")
        await page.get_by_role("button", name="Add a field").click()
        await page.get_by_label("Name of the field field1").fill("amount")
        await page.get_by_label("Name of the field field1").press("Enter")
        await page.get_by_label("Kind of amount").select_option("whole number")
        await add(page, "set data", after="start")
        await page.get_by_role("button", name="Add a value").click()
        await page.get_by_label("Name of value1").fill("double")
        await page.get_by_label("Name of value1").press("Enter")
        await page.get_by_label("double, expression").click()
        await page.keyboard.insert_text("input.amount * 2")
        await expect(node(page, "set")).to_contain_text("double")
        await node(page, "end").click()
        await page.get_by_label("Result: expression").click()
        await page.get_by_label("Result, expression").click()
        await page.keyboard.insert_text("nodes.set.double")
        await is_saved(page)
        draft = await draft_of(shown, page)
        by_id = {each["id"]: each for each in draft["graph"]["nodes"]}
        assert by_id["set"]["values"] == {"double": "=input.amount * 2"}
        assert by_id["end"]["result"] == "=nodes.set.double"
        assert draft["graph"]["edges"] == [
            {"source": "start", "port": "next", "target": "set"},
            {"source": "set", "port": "next", "target": "end"},
        ]
        await page.get_by_role("button", name="Save version").click()
        await page.get_by_label("What is new in it").fill("doubles what it is given")
        await page.get_by_role("dialog").get_by_role("button", name="Save version").click()
        await expect(page.locator("#title-state")).to_have_text("v1")
        await page.get_by_role("button", name="Versions").click()
        await expect(page.get_by_role("dialog", name="Versions")).to_contain_text("doubles what it is given")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Run…").click()
        await page.get_by_role("spinbutton", name="Amount").fill("21")
        await page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
        await expect(page).to_have_url(re.compile("/executions/"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await expect(page.locator("main")).to_contain_text("completed", timeout=60_000)
        await page.get_by_role("link", name="Input and result").click()
        await expect(page.get_by_role("region", name="result")).to_have_text("42")
        given = page.get_by_role("region", name="input")
        await expect(given).to_contain_text('"amount": 21')
        await expect(given).not_to_contain_text("workflowId")


async def test_what_a_line_may_not_do_is_said_and_hands_can_undo(shown: Shown) -> None:
    async with shown.opened(await drawn(shown)) as page:
        await expect(node(page, "start")).to_be_visible()
        await page.get_by_label("Show all of it").click()
        await node(page, "capture").click()
        await page.keyboard.press("Delete")
        await expect(node(page, "capture")).to_have_count(0)
        await is_saved(page)
        assert "capture" not in {each["id"] for each in (await draft_of(shown, page))["graph"]["nodes"]}
        await page.keyboard.press("Control+z")
        await expect(node(page, "capture")).to_be_visible()
        await node(page, "lines").get_by_text("Every line").click()
        await page.keyboard.press("Control+d")
        await expect(node(page, "lines-2")).to_be_visible()
        await expect(node(page, "pause-2")).to_be_visible()
        await page.keyboard.press("Control+a")
        await expect(page.get_by_role("heading", name="11 steps")).to_be_visible()
        await page.keyboard.press("Escape")
        # From the way out of a step back to the one before: that would go round for ever.
        await is_saved(page)
        await page.goto(re.sub(r"(\?.*)?$", "?node=large", page.url, count=1))
        out = node(page, "large").locator(".react-flow__handle-right").first
        await out.drag_to(node(page, "prepare").locator(".react-flow__handle-left"), force=True)
        await expect(page.get_by_text("a line back would go round for ever")).to_be_visible()
        await is_saved(page)
        draft = await draft_of(shown, page)
        assert len(draft["graph"]["edges"]) == len(LINES) + 1  # the body that was duplicated has one of its own


async def test_the_address_selects_a_node_and_its_retries_are_set_in_the_panel(shown: Shown) -> None:
    path = await drawn(shown)
    async with shown.opened(f"{path}?node=capture") as page:
        await page.get_by_role("tab", name="Retries and time").click()
        await expect(page.get_by_label("Fail after a number of attempts")).to_be_checked()
        await expect(page.get_by_text("CardDeclined")).to_be_visible()
        await expect(page.locator(".explained")).to_contain_text("5 attempts")
        await page.get_by_label("Keep trying until success").check()
        await expect(page.locator(".may-never")).to_contain_text("never")
        await page.get_by_label("All together").fill("10 m")
        await expect(page.locator(".may-never")).to_have_count(0)
        await expect(node(page, "capture")).to_contain_text("until it succeeds")
        await is_saved(page)
        capture = next(each for each in (await draft_of(shown, page))["graph"]["nodes"] if each["id"] == "capture")
        assert capture["retry"]["strategy"] == "keep_trying"
        assert capture["timeouts"]["scheduleToCloseSeconds"] == 600
        await page.get_by_label("Show all of it").click()
        await node(page, "large").click()
        await expect(page).to_have_url(re.compile("node=large"))


async def test_a_problem_leads_to_its_field(shown: Shown) -> None:
    nodes = [
        {**each, "values": {"total": "=nodes.nobody.total"}} if each["id"] == "prepare" else each for each in ORDER
    ]
    async with shown.opened(await drawn(shown, nodes)) as page:
        await page.get_by_role("button", name=re.compile(r"problem")).click()
        await page.get_by_role("list", name="Problems").get_by_role("button").filter(has_text="nobody").first.click()
        await expect(page).to_have_url(re.compile("node=prepare"))
        await expect(page.locator(".builder-panel")).to_contain_text("nobody")
        editor = page.get_by_label("total, expression")
        for text in ("nodes.prepa", "input.amount + nodes.nobody.total", "input.amo"):
            await editor.press("Control+a")
            await page.keyboard.insert_text(text)
            await expect(page.locator(".cm-fault")).to_have_count(1)
        await editor.press("Control+a")
        await page.keyboard.type("input.am")
        await page.get_by_role("option", name=re.compile("input.amount")).click()
        await expect(editor).to_have_text("input.amount")
        await expect(page.locator(".builder-panel .field-problem")).to_have_text([])
        await is_saved(page)
        await expect(page.get_by_role("list", name="Problems").get_by_text("nobody")).to_have_count(0)


async def test_two_people_save_one_draft_and_nothing_is_lost(shown: Shown) -> None:
    path = await drawn(shown)
    async with shown.opened(path) as mine, shown.opened(path) as theirs:
        await expect(node(mine, "start")).to_be_visible()
        await expect(node(theirs, "start")).to_be_visible()
        await theirs.get_by_label("Description").fill("what they wrote")
        await is_saved(theirs)
        await expect(theirs.get_by_label("Description")).to_have_value("what they wrote")
        assert (await draft_of(shown, theirs))["graph"]["description"] == "what they wrote"
        await mine.get_by_label("Description").fill("what I wrote")
        told = mine.get_by_role("alert", name="Two people changed this draft")
        await expect(told).to_contain_text("the workflow’s description")
        assert (await draft_of(shown, mine))["graph"]["description"] == "what they wrote"
        await told.get_by_role("button", name="Put mine over theirs").click()
        await is_saved(mine)
        await expect(told).to_have_count(0)
        assert (await draft_of(shown, mine))["graph"]["description"] == "what I wrote"
        await mine.get_by_role("button", name="Undo").click()
        await expect(mine.get_by_label("Description")).to_have_value("what they wrote")


async def test_a_drawing_goes_out_as_a_file_and_comes_back(shown: Shown, tmp_path: Path) -> None:
    async with shown.opened(await drawn(shown)) as page:
        await expect(node(page, "start")).to_be_visible()
        await page.get_by_role("button", name="More").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="Export as a file").click()
        file = tmp_path / "workflow.yaml"
        await (await waiting.value).save_as(file)
        before = await draft_of(shown, page)
        await page.goto(f"{shown.url}projects/{shown.project_id}")
        await page.get_by_role("button", name="New workflow").click()
        await page.get_by_role("button", name="Import a file …").click()
        await page.get_by_label("Or its text").fill(file.read_text().replace(before["graph"]["name"], new_id("copy")))
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page).to_have_url(re.compile("/builder"))
        after = await draft_of(shown, page)
        assert [each["id"] for each in after["graph"]["nodes"]] == [each["id"] for each in before["graph"]["nodes"]]
        assert after["graph"]["edges"] == before["graph"]["edges"]
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("button", name="Import a file into the draft").click()
        await page.get_by_label("A YAML or JSON file").set_input_files(
            {"name": "other.json", "mimeType": "application/json", "buffer": json.dumps({"steps": []}).encode()}
        )
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()


async def test_what_is_drawn_elsewhere_is_said_to_be(shown: Shown) -> None:
    graph = drawing(new_id("registered"), [{"kind": "start", "id": "start"}], [])
    rules = {"runs": [{"workflowType": graph["name"]}]}
    given = {"projectId": shown.project_id, "graph": graph, "rules": rules}
    made = await called(shown, "workflow.register", given)
    async with shown.opened(f"/workflows/{made['workflowId']}/builder") as page:
        await expect(page.get_by_role("heading", name="This workflow is not drawn here")).to_be_visible()
        await expect(page.locator("main")).to_contain_text("is drawn elsewhere and registered here. Change it there.")
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_large_drawing_holds_what_is_in_sight(shown: Shown) -> None:
    steps: list[Json] = [{"kind": "wait", "id": f"w{at}", "seconds": 1} for at in range(298)]
    nodes = [{"kind": "start", "id": "start"}, *steps, {"kind": "end", "id": "end"}]
    ids = [each["id"] for each in nodes]
    path = await drawn(shown, nodes, [(one, "next", other) for one, other in itertools.pairwise(ids)])
    async with shown.opened(path) as page:
        await expect(node(page, "start")).to_be_visible()
        assert await page.locator(".react-flow__node").count() < 40
        await expect(page.get_by_role("img", name="Map of the drawing")).to_be_visible()
        await page.goto(f"{shown.url.rstrip('/')}{path}?node=w250")
        await expect(node(page, "w250")).to_be_visible()
        await expect(node(page, "start")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
async def test_it_is_readable_in_every_light_and_size(shown: Shown, scheme: Scheme, width: int) -> None:
    path = await drawn(shown)
    async with shown.opened(path, scheme=scheme, width=width) as page:
        await expect(node(page, "start")).to_be_visible()
        assert await violations(page) == []
        assert not await is_wider_than_the_screen(page)
        for chosen in ("capture", "large", "lines", "ask"):
            await page.goto(f"{shown.url.rstrip('/')}{path}?node={chosen}")
            for tab in await page.get_by_role("tablist", name="Properties").get_by_role("tab").all():
                await tab.click()
                await expect(page.locator(".node-panel .skeleton")).to_have_count(0)
                assert await violations(page) == []
                assert not await is_wider_than_the_screen(page)
