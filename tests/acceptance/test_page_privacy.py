"""Privacy on the page: what is hidden before it is stored, and runs that are erased."""

import random
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from tests.acceptance.bench import Bench
from tests.acceptance.observed import new_id
from tests.acceptance.private import CITY, ended, private_worker, started
from tests.acceptance.shown import Scheme, Shown, called, is_wider_than_the_screen, violations
from tests.acceptance.test_page_codec import session_of
from tests.acceptance.vault import CARD, Charge, vault_worker
from tests.api.seeded import dependencies
from tests.databases import make_project
from tests.statistics.made import make

from watchglass.api.app import create_app
from watchglass.auth.credential import session_cookie
from watchglass.cli.serve import PageServer
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.redaction import NO_RULES, NamedPattern, RedactionRules
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.statistics.rebuild import rebuild
from watchglass.store.connections import ensure_connection
from watchglass.store.redaction import save_rules
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.users import ensure_user
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.retained import remove_due
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]
RULES = RedactionRules(keys=("password",), patterns=(NamedPattern.EMAIL,), expressions=("ACME-[0-9]+",))


@dataclass(frozen=True)
class House:
    """A project of its own, with somebody's worker in whose runs a secret goes everywhere."""

    bench: Bench
    shown: Shown
    """As its owner sees it."""
    viewer: Shown
    """As somebody sees it who may look, but not at values."""
    other: str
    """A queue of workers that encrypt."""
    vault: Client

    @property
    def page(self) -> str:
        return f"/projects/{self.shown.project_id}/privacy"

    async def rules(self, rules: RedactionRules) -> None:
        async with self.bench.store.write() as writer:
            await save_rules(writer, self.bench.connection.project_id, rules)

    async def copied(self, handle: WorkflowHandle, workflow_id: str | None = None) -> ExecutionKey:
        """By a process that starts now: no rules are remembered."""
        parts = Parts(self.bench.store, Clients())
        answer = await describe_run(await parts.access(self.bench.connection), workflow_id or handle.id)
        redactor = await parts.redactor(self.bench.connection)
        if redactor is not None:
            redact(answer, redactor)
        (key,) = await add_runs(parts, self.bench.connection, [parse_described(answer)])
        assert (await sync_execution(parts, key)).error is None
        return key

    async def private(self, secret: str, *, is_ended: bool = True) -> tuple[WorkflowHandle, ExecutionKey]:
        handle = await started(self.bench.client, self.bench.queue, secret)
        if is_ended:
            await ended(handle, secret)
        return handle, await self.copied(handle)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(store: Store, temporal: EmbeddedTemporal, browser: Browser) -> AsyncIterator[House]:
    project_id, _ = await make_project(store, new_id("Private"), owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace="default", is_embedded=True
        )
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    looks = new_id("looks")
    async with (
        private_worker(temporal.address) as (client, queue),
        vault_worker(temporal.address) as (vault, other),
    ):
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace="default", search_attributes={CITY.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
            )
        )
        bench = Bench(store, Parts(store, Clients()), connection, client, queue)
        page = PageServer(create_app(dependencies(bench.parts)), listener)
        await page.start()

        async def seen_by(name: str) -> Shown:
            cookie = {"name": session_cookie(is_behind_tls=False), "value": await session_of(store, url, name)}
            cookies = [cookie | {"url": url}]
            nowhere = Path("/nonexistent")
            return Shown(browser, client, url, "", cookies, str(project_id), str(connection.id), nowhere)  # type: ignore[arg-type]

        async with store.door() as door:
            await ensure_user(door, looks)
        shown = await seen_by("ada")
        member = {"projectId": str(project_id), "name": looks, "role": "viewer", "seesPayloads": False}
        await called(shown, "member.add", member)
        yield House(bench, shown, await seen_by(looks), other, vault)
        await page.stop()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def without_rules(house: House) -> AsyncIterator[None]:
    yield
    await house.rules(NO_RULES)


def marks(place: Locator) -> Locator:
    return place.locator("mark.redacted")


class TestRules:
    async def test_an_owner_tries_them_out_saves_them_and_sees_them_at_work(self, house: House) -> None:
        secret = str(uuid4())
        await house.private(secret)
        async with house.shown.opened(house.page) as page:
            await expect(page.get_by_text("Nothing is hidden yet")).to_be_visible()
            save = page.get_by_role("button", name="Save the rules")
            await expect(save).to_be_disabled()
            await page.get_by_label("Keys, one a line").fill("password")
            await page.get_by_role("checkbox", name="E-mail addresses").check()
            outcome = page.get_by_role("region", name="What would be stored")
            await expect(marks(outcome)).to_have_count(2)
            await expect(outcome).not_to_contain_text("hunter2")
            await expect(page.get_by_text("2 places of it would be hidden")).to_be_visible()
            events = page.get_by_role("list", name="Events with something to hide")
            await expect(events).to_contain_text("ActivityTaskScheduled")
            assert await violations(page) == []
            await save.click()
            await expect(page.get_by_text("Whatever is copied from now on")).to_be_visible()
            await expect(page.get_by_text(re.compile("stored before these rules"))).to_be_visible()
            await expect(page.locator("main code", has_text="watchglass redact --project")).to_be_visible()
        handle, key = await house.private(secret)
        async with house.shown.opened(f"/executions/{key.id}") as page:
            await expect(page.get_by_role("heading", level=1)).to_contain_text(handle.id)
            await page.get_by_role("link", name=re.compile("^for <")).click()
            await expect(marks(page.get_by_role("region", name="input"))).to_have_count(1)
            await expect(page.get_by_text("values were hidden before they were stored").first).to_be_visible()
            assert await violations(page) == []

    async def test_a_rule_that_cannot_be_used_says_so_at_its_field_and_line(self, house: House) -> None:
        async with house.shown.opened(house.page) as page:
            field = page.get_by_label("Expressions, one a line")
            await field.fill("ACME-[0-9]+\n\n(")
            await expect(page.get_by_text("Line 3:")).to_be_visible()
            await expect(field).to_have_attribute("aria-invalid", "true")
            await expect(page.get_by_text("is no regular expression that can be used here")).to_be_visible()
            await expect(page.get_by_role("button", name="Save the rules")).to_be_disabled()
            assert await violations(page) == []
            await page.get_by_label("A value, as JSON").fill('{"of": "ACME-7"}')
            outcome = page.get_by_role("region", name="What would be stored")
            await expect(marks(outcome)).to_have_count(1)
            await field.fill("ACME-[0-9]+")
            await expect(page.get_by_text("Line 3:")).to_have_count(0)
            await page.get_by_role("button", name="Save the rules").click()
            await expect(page.get_by_text("Whatever is copied from now on")).to_be_visible()
            await page.reload()
            await expect(field).to_have_value("ACME-[0-9]+")
            await field.fill("")
            await page.get_by_role("button", name="Save the rules").click()
            await expect(page.get_by_text("Nothing is hidden in new values any more")).to_be_visible()

    async def test_who_saves_second_sees_the_rules_of_who_was_first(self, house: House) -> None:
        async with house.shown.opened(house.page) as page:
            await page.get_by_label("Keys, one a line").fill("password")
            await house.rules(RedactionRules(keys=("card",), patterns=(NamedPattern.IBAN,)))
            await page.get_by_role("button", name="Save the rules").click()
            said = page.get_by_role("alert")
            await expect(said).to_contain_text("Somebody else changed the rules meanwhile. Yours are not saved.")
            await expect(said).to_contain_text("Only in theirs: card, Bank accounts (IBAN)")
            await expect(said).to_contain_text("Only in yours: password")
            await expect(page.get_by_role("button", name="Save the rules")).to_be_disabled()
            assert await violations(page) == []
            await page.get_by_role("button", name="Keep mine").click()
            await expect(said).to_have_count(0)
            await house.rules(RedactionRules(keys=("iban",)))
            await page.get_by_role("button", name="Save the rules").click()
            await expect(said).to_contain_text("Only in theirs: iban")
            await page.get_by_role("button", name="Take theirs").click()
            await expect(page.get_by_label("Keys, one a line")).to_have_value("iban")
            await expect(page.get_by_role("button", name="Save the rules")).to_be_disabled()

    async def test_what_is_hostile_is_only_text(self, house: House) -> None:
        async with house.shown.opened(house.page) as page:
            await page.get_by_label("Keys, one a line").fill("*")
            await page.get_by_label("Expressions, one a line").fill("<img src=x onerror=alert(1)>(\u202e")
            await expect(page.get_by_text("Line 1:")).to_have_count(2)
            await page.get_by_label("A value, as JSON").fill('{"a": "<script>alert(1)</script>", "b": "\u202e"}')
            outcome = page.get_by_role("region", name="What would be stored")
            await expect(outcome).to_contain_text("<script>alert(1)</script>")
            await expect(outcome).to_contain_text("U+202E")

    async def test_a_member_reads_them_and_changes_nothing(self, house: House) -> None:
        async with house.viewer.opened(house.page, width=390, scheme="dark") as page:
            await expect(page.get_by_role("heading", name="Nothing is hidden")).to_be_visible()
            await house.rules(RULES)
            await page.reload()
            rules = page.get_by_role("region", name="Rules")
            for text in ("password", "E-mail addresses", "ACME-[0-9]+"):
                await expect(rules).to_contain_text(text)
            await expect(page.get_by_text("You may not see the values of this project.")).to_be_visible()
            await expect(page.get_by_role("textbox")).to_have_count(0)
            await expect(page.get_by_role("button", name="Save the rules")).to_have_count(0)
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    async def test_it_is_accessible_and_fits_with_tabs_in_one_line(
        self, house: House, scheme: Scheme, width: int
    ) -> None:
        await house.rules(RULES)
        async with house.shown.opened(house.page, scheme=scheme, width=width) as page:
            await expect(marks(page.get_by_role("region", name="What would be stored"))).to_have_count(2)
            tabs = page.get_by_role("navigation", name="Project", exact=True).get_by_role("link")
            await expect(tabs).to_have_count(10)
            # One line; whoever comes to a tab by keyboard sees it.
            assert (
                await tabs.evaluate_all("tabs => new Set(tabs.map(tab => tab.getBoundingClientRect().top)).size") == 1
            )
            await tabs.last.focus()
            await expect(tabs.last).to_be_in_viewport()
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)


class TestKeepingRuns:
    @pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
    async def test_an_owner_is_told_what_goes_before_it_does(self, house: House, scheme: Scheme, width: int) -> None:
        made = await make(house.bench.store, random.Random(width), owner="ada")
        for _ in range(8):
            await made.change()
        await rebuild(made.store, made.project_id)
        project = f"/projects/{made.project_id}"
        async with house.shown.opened(f"{project}/privacy", scheme=scheme, width=width) as page:
            region = page.get_by_role("region", name="How long runs are kept")
            await expect(region).to_contain_text("Runs are kept for ever.")
            await expect(region.get_by_role("button", name="Save")).to_be_disabled()
            some_days = region.get_by_role("radio", name="For some days after they ended")
            await some_days.check()
            ask = region.get_by_role("button", name="See what goes, and save")
            days = region.get_by_role("textbox", name="Days")
            for wrong in ("0", "36501", "1.5", "-3", "ninety", ""):
                await days.fill(wrong)
                await expect(days).to_have_attribute("aria-invalid", "true")
                await expect(ask).to_be_disabled()
            await days.fill("90")
            await ask.click()
            dialog = page.get_by_role("dialog", name="Keep runs for 90 days?")
            await expect(dialog).to_contain_text(re.compile(r"\d+ runs that started before 1 .* will be removed"))
            await expect(dialog).to_contain_text("It cannot be undone")
            await expect(dialog).to_contain_text("The next month begins to go on")
            told = re.search(r"(\d+) runs that", await dialog.inner_text())
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            await dialog.get_by_role("button", name="Change nothing").click()
            await expect(dialog).to_have_count(0)
            await page.reload()
            await expect(region).to_contain_text("Runs are kept for ever.")

            await some_days.check()
            await ask.click()
            await dialog.get_by_role("button", name="Save, and remove them").click()
            await expect(region).to_contain_text("Runs are kept for 90 days after they ended.")
            await expect(region.get_by_role("status")).to_contain_text("Saved.")
            removed = (await remove_due(made.store))[made.project_id]
            assert told is not None and removed == int(told[1]) > 0
            await page.reload()
            await expect(region).to_contain_text(f"Removed so far: {removed} runs that started before")
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

            # The figures are those of all that ran; the list says that it is not.
            asked = {"projectId": str(made.project_id)}
            found = await called(house.shown, "execution.getProjectStatistics", asked, is_query=True)
            assert found["totalExecutions"] == len(made.runs)
            await page.goto(house.shown.url.rstrip("/") + f"{project}/runs")
            await expect(page.get_by_role("main")).to_contain_text("no longer kept")
            assert not await is_wider_than_the_screen(page)
            errors = await called(house.shown, "statistics.errors", asked, is_query=True)
            assert sum(group["count"] for group in errors["groups"]) == found["totalErrors"]
            await page.goto(house.shown.url.rstrip("/") + f"{project}/statistics?last=all&children=true")
            groups = page.get_by_role("table", name="Errors, grouped")
            await expect(groups).to_contain_text("What it said went with its runs, which are no longer kept.")
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)

    async def test_who_does_not_own_the_project_reads_it(self, house: House) -> None:
        async with house.viewer.opened(house.page) as page:
            region = page.get_by_role("region", name="How long runs are kept")
            await expect(region).to_contain_text("Runs are kept for ever.")
            await expect(region).to_contain_text("Owners of this project change it.")
            await expect(region.get_by_role("radio")).to_have_count(0)


class TestErasing:
    @pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
    async def test_an_owner_erases_a_run_and_is_told_what_stays(self, house: House, scheme: Scheme, width: int) -> None:
        handle, key = await house.private(str(uuid4()))
        await house.copied(handle, handle.id + "/child")
        async with house.shown.opened(f"/executions/{key.id}", scheme=scheme, width=width) as page:
            await page.get_by_role("button", name="Erase…").click()
            dialog = page.get_by_role("dialog", name="Erase for good?")
            await expect(dialog).to_contain_text("1 run of other workflow ids, whose histories name this one")
            await expect(dialog.get_by_role("link", name=handle.id + "/child")).to_be_visible()
            await expect(dialog).to_contain_text("Figures no longer count what is erased. It cannot be undone.")
            assert await violations(page) == []
            assert not await is_wider_than_the_screen(page)
            confirm = dialog.get_by_role("button", name="Erase 1 run for good")
            typed = dialog.get_by_label("Type the workflow id to erase")
            await typed.fill(handle.id[:-1])
            await expect(confirm).to_be_disabled()
            await typed.fill(handle.id)
            await confirm.click()
            await expect(page).to_have_url(re.compile("/workflows/"))
            await expect(page.get_by_text("1 run was erased for good.")).to_contain_text("1 run of other workflow ids")
            assert await violations(page) == []
            await page.goto(house.shown.url + f"executions/{key.id}")
            await expect(page.get_by_text("There is no such thing as this run here")).to_be_visible()

    async def test_all_runs_of_a_workflow_id_go_when_that_is_chosen(self, house: House) -> None:
        secret = str(uuid4())
        handle, key = await house.private(secret)
        again = await house.bench.client.start_workflow(
            "Private", args=[secret, 1], id=handle.id, task_queue=house.bench.queue
        )
        await ended(again, secret)
        await house.copied(again)
        async with house.shown.opened(f"/executions/{key.id}") as page:
            await page.get_by_role("button", name="Erase…").click()
            dialog = page.get_by_role("dialog", name="Erase for good?")
            await expect(dialog).to_contain_text("1 other run of the same workflow id.")
            await dialog.get_by_label("All runs of its workflow id").check()
            await dialog.get_by_label("Type the workflow id to erase").fill(handle.id)
            await dialog.get_by_role("button", name="Erase 2 runs for good").click()
            await expect(page.get_by_text("2 runs were erased for good.")).to_be_visible()

    async def test_a_run_that_has_not_ended_is_refused_with_what_to_do(self, house: House) -> None:
        secret = str(uuid4())
        handle, key = await house.private(secret, is_ended=False)
        async with house.shown.opened(f"/executions/{key.id}") as page:
            await page.get_by_role("button", name="Erase…").click()
            dialog = page.get_by_role("dialog", name="Erase for good?")
            await expect(dialog).to_contain_text("has not ended. Cancel or terminate it first")
            await expect(dialog.get_by_label("Type the workflow id to erase")).to_be_disabled()
        await ended(handle, secret)

    async def test_only_owners_are_offered_it(self, house: House) -> None:
        _, key = await house.private(str(uuid4()))
        async with house.viewer.opened(f"/executions/{key.id}") as page:
            # Who is asked about the project has an answer by then: the crumb has its name.
            await expect(page.get_by_role("link", name=re.compile("^Private-"))).to_be_visible()
            await expect(page.get_by_role("button", name="Erase…")).to_have_count(0)


class TestValuesThatRulesCannotReach:
    async def test_an_encrypted_value_says_that_rules_do_not_look_into_it(self, house: House) -> None:
        handle = await house.vault.start_workflow(Charge.run, CARD, id=new_id("charge"), task_queue=house.other)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        key = await house.copied(handle)
        note = "do not look into encrypted values"
        async with house.shown.opened(f"/executions/{key.id}/values") as page:
            await expect(page.get_by_text("Only the workers’ codec can read it").first).to_be_visible()
            await expect(page.get_by_text(note)).to_have_count(0)
        await house.rules(RULES)
        async with house.shown.opened(f"/executions/{key.id}/values") as page:
            await expect(page.get_by_text(note).first).to_be_visible()
            assert await violations(page) == []
            await page.get_by_role("link", name="privacy rules").first.click()
            await expect(page.get_by_label("Keys, one a line")).to_have_value("password")

    async def test_running_again_what_holds_marks_says_so_until_they_are_gone(self, shown: Shown) -> None:
        name = new_id("marked")
        graph = {
            "format": "watchglass/workflow/v1",
            "name": name,
            "inputSchema": {"type": "object", "properties": {"card": {"type": "string", "title": "Card"}}},
            "nodes": [{"kind": "start", "id": "start"}, {"kind": "end", "id": "done"}],
            "edges": [{"source": "start", "port": "next", "target": "done"}],
        }
        given = {"projectId": shown.project_id, "name": name, "graph": graph}
        workflow_id = (await called(shown, "workflow.create", given))["workflowId"]
        await called(shown, "workflow.saveVersion", {"workflowId": workflow_id, "revision": 1})
        run = {"workflowId": workflow_id, "version": 1, "input": {"card": "[redacted:1f2e3d4c]"}}
        execution_id = (await called(shown, "workflow.run", run))["executionId"]
        async with shown.opened(f"/executions/{execution_id}", width=390) as page:
            await page.get_by_role("button", name="Run again…").click()
            dialog = page.get_by_role("dialog")
            await expect(dialog).to_contain_text("1 value of this input was hidden before it was stored.")
            assert await violations(page) == []
            await dialog.get_by_label("Card").fill("4111 1111 1111 1111")
            await expect(dialog.get_by_text("was hidden before")).to_have_count(0)
