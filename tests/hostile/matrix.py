"""The matrix: every hostile value, through every way in, to every place where it is shown."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from playwright.async_api import Browser
from temporalio.api.common.v1 import Payload
from tests.hostile.asking import ask
from tests.hostile.drawing import Drawn, compare_drawn, draw, run_drawn
from tests.hostile.elsewhere import look_elsewhere, name_namespaces
from tests.hostile.looking import Walk, look
from tests.hostile.nexus import Operations
from tests.hostile.operating import operate
from tests.hostile.planting import Planter
from tests.hostile.report import Report
from tests.hostile.texts import BROKEN
from tests.hostile.up import Compared, Up, compare
from tests.hostile.writing import write

_LONGEST_PLANTING_SECONDS = 900
_RUNS_WITH_STEPS_AT_ONCE = 5
STEPS_OF_A_RUN = 25
"""Texts, each of which makes eight steps."""
PAYLOADS_OF_A_RUN = 16
_TABS = 4
_ADDRESSES_OF_A_WALK = 120
"""Before the page is loaded anew."""
_FEWEST_OF_A_WALK = 20
_STEPS_BETWEEN = 11
"""Of the steps of a run every so-manieth is opened: of each text several, of each kind of step some. All are listed."""
_SERVICES_BETWEEN = 12
_BUILDERS_BETWEEN = 6
_AGAIN_BETWEEN = 6
"""Of pages that show once more, by the same means, what another page has shown of the same thing."""
PARTS = ("kept", "nexus", "writing", "asking", "commands", "looking")
"""What can be left out. Planting in every field of a history, and copying, is what all of it begins with."""


async def run_matrix(
    up: Up,
    browser: Browser,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
    parts: Collection[str] = PARTS,
    longest_seconds: float | None = None,
) -> Report:
    """Plant, copy and compare; write, draw and ask; export; and look at every page.

    What does not follow from each other is done at the same time: together it is what a busy installation does.
    """
    report = Report(up, list(texts), len(payloads) + len(large), tuple(parts))
    planter = Planter(up.client, report.planted)
    everything = {**payloads, **large}
    async with report.told(), report.part("all of it"), asyncio.timeout(longest_seconds):
        names = await _plant(report, planter, texts, payloads, large)
        async with report.part("copying"):
            await compare(up, planter.planted.runs, report.compared)
        async with asyncio.TaskGroup() as beside:
            if "commands" in parts:
                beside.create_task(_operate(report))
            runs = beside.create_task(_look_at_runs(report, browser))
            await _write(report, planter, everything, names)
            if "asking" in parts:
                async with report.part("asking"):
                    await ask(up, texts, await _ids(up, report.compared), report.asked)
            await runs
            await _look_at_the_rest(report, browser)
    return report


async def _operate(report: Report) -> None:
    async with report.part("commands"):
        await operate(report.up, report.compared, report.texts, report.operated)


async def _look_at_runs(report: Report, browser: Browser) -> None:
    if "looking" in report.parts:
        async with report.part("looking at runs"):
            await _look(report, browser, [path async for path in _paths_of_runs(report)])


async def _look_at_the_rest(report: Report, browser: Browser) -> None:
    if {"looking", "writing"} <= set(report.parts):
        async with report.part("looking at the rest"):
            await _look(report, browser, [path async for path in _paths_of_the_rest(report)])


async def _look(report: Report, browser: Browser, paths: Sequence[str]) -> None:
    length = max(_FEWEST_OF_A_WALK, min(_ADDRESSES_OF_A_WALK, len(paths) // _TABS))
    walks = [Walk(paths[start : start + length]) for start in range(0, len(paths), length)]
    up = report.up
    await look(browser, up.ready["url"], up.people[:_TABS], walks, report.texts, report.looked)


async def _write(report: Report, planter: Planter, payloads: Mapping[str, Payload], names: Sequence[str]) -> None:
    """All that people write."""
    if "writing" not in report.parts:
        return
    up, texts, written = report.up, report.texts, report.written
    async with report.part("writing"):
        await write(up, [*texts, *BROKEN.values()], payloads, planter, written)
    async with report.part("drawing"):
        report.written.drawings += await draw(up, texts, written.told)
    drawn: list[Drawn] = []
    async with report.part("running what is drawn"), asyncio.timeout(_LONGEST_PLANTING_SECONDS):
        drawn += await run_drawn(up, texts, planter)
        written.ended += [one.run for one in drawn]
    async with report.part("copying what was ended"):
        await compare(up, written.ended, report.ended)
        for one in drawn:
            execution_id = report.ended.ids[one.run.run_id]
            await compare_drawn(up, one, execution_id, written.told)
            graph = f"/executions/{execution_id}/graph"
            written.pages += [graph, *(f"{graph}?node={node}" for node in one.nodes)]
    async with report.part("other namespaces"):
        written.executions += await look_elsewhere(up, written.project_id, names, written.told)


async def _plant(
    report: Report,
    planter: Planter,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
) -> list[str]:
    """Everything into Temporal; return the names of namespaces that it took."""
    names: list[str] = []
    async with report.part("planting"), asyncio.timeout(_LONGEST_PLANTING_SECONDS):
        await planter.declare()
        if "writing" in report.parts:
            names += await name_namespaces(planter, texts)
        await planter.plant_each(texts)
        await planter.plant_schedules(texts)
    async with asyncio.TaskGroup() as beside:
        beside.create_task(_plant_steps(report, planter, texts, payloads, large))
        if "kept" in report.parts:
            beside.create_task(_plant_kept(report, planter, payloads))
        if "nexus" in report.parts:
            beside.create_task(_plant_operations(report, planter, texts))
    return names


async def _plant_kept(report: Report, planter: Planter, payloads: Mapping[str, Payload]) -> None:
    async with report.part("planting memos"), asyncio.timeout(_LONGEST_PLANTING_SECONDS):
        await planter.plant_kept(payloads)


async def _plant_operations(report: Report, planter: Planter, texts: Sequence[str]) -> None:
    async with report.part("planting operations"), asyncio.timeout(_LONGEST_PLANTING_SECONDS):
        operations = await Operations.made(planter)
        await operations.plant(texts)


async def _plant_steps(
    report: Report,
    planter: Planter,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
) -> None:
    """Several runs at once: each waits for tasks that Temporal has to give out again."""
    turns = asyncio.Semaphore(_RUNS_WITH_STEPS_AT_ONCE)

    async def plant(some: Sequence[str], values: Mapping[str, Payload]) -> None:
        async with turns:
            await planter.plant_steps(some, values)

    of_values = list(payloads)
    of_texts = range(0, len(texts), STEPS_OF_A_RUN)
    of_payloads = range(0, len(of_values), PAYLOADS_OF_A_RUN)
    async with (
        report.part("planting steps"),
        asyncio.timeout(_LONGEST_PLANTING_SECONDS),
        asyncio.TaskGroup() as group,
    ):
        for number in range(max(len(of_texts), len(of_payloads))):
            some = texts[number * STEPS_OF_A_RUN :][:STEPS_OF_A_RUN] or texts[:1]
            values = {name: payloads[name] for name in of_values[number * PAYLOADS_OF_A_RUN :][:PAYLOADS_OF_A_RUN]}
            group.create_task(plant(some, values))
        group.create_task(planter.plant_values(large))


async def _ids(up: Up, compared: Compared) -> dict[str, str]:
    execution_id = next(iter(compared.ids.values()))
    details = await up.query("execution.getExecutionDetails", executionId=execution_id)
    schedules = (await up.query("schedule.list", projectId=up.project_id))["items"]
    return {
        "projectId": up.project_id,
        "connectionId": up.connection_id,
        "executionId": execution_id,
        "workflowId": details["execution"]["workflowId"],
        **({"scheduleId": schedules[0]["id"]} if schedules else {}),
    }


async def _paths_of_runs(report: Report) -> AsyncIterator[str]:
    """Runs as they may be linked to from elsewhere, and all of their pages; then their workflows and lists of them."""
    up, compared = report.up, report.compared
    texts = set(report.texts)
    named: list[tuple[str, str]] = []
    for run_id, execution_id in compared.ids.items():
        run = compared.runs_by_id[run_id]
        yield f"/t/{up.connection_id}/{quote(run.workflow_id, safe='')}/{run.run_id}"
        path = f"/executions/{execution_id}"
        yield f"{path}/values"
        yield f"{path}/raw"
        steps = compared.steps[execution_id]
        for step in steps[::_STEPS_BETWEEN]:
            yield f"{path}?step={step}"
        if run.workflow_id in texts:
            named.append((path, run.workflow_id))
        elif len(steps) > 1:
            yield f"{path}/graph"
    for path, text in named[::_AGAIN_BETWEEN]:
        yield f"{path}/chain"
        yield f"{path}?find={quote(text, safe='')}"
    for number, workflow in enumerate(await _workflows(up)):
        yield f"/workflows/{workflow['id']}"
        if number % _AGAIN_BETWEEN == 0:
            yield f"/workflows/{workflow['id']}/statistics"


async def _workflows(up: Up) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = await up.query("workflow.list", projectId=up.project_id, **more)
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        more = {"cursor": page["nextCursor"]}


async def _paths_of_the_rest(report: Report) -> AsyncIterator[str]:
    """All that people wrote, and where it is listed."""
    up, written = report.up, report.written
    for path in ("/", "/attention", "/new-project", "/account", "/people", "/people/log", "/people/figures"):
        yield path
    for project_id in (up.project_id, written.project_id, written.rules_project_id):
        project = f"/projects/{project_id}"
        yield project
        for part in (
            *("connections", "components", "statistics", "runs", "set-aside", "attention", "schedules"),
            *("members", "activity", "privacy"),
        ):
            yield f"{project}/{part}"
        for connection in (await up.query("connection.list", projectId=project_id))["items"]:
            yield f"{project}/connections?edit={connection['id']}"
        for service in (await up.query("service.list", projectId=project_id))["items"][::_SERVICES_BETWEEN]:
            yield f"{project}/components?edit={service['id']}"
    for execution_id in written.executions:
        yield f"/executions/{execution_id}/values"
    for execution_id in (*written.executions[::_AGAIN_BETWEEN], *report.ended.ids.values()):
        yield f"/executions/{execution_id}"
    for number, workflow_id in enumerate((*written.registered[::_AGAIN_BETWEEN], *written.workflows)):
        yield f"/workflows/{workflow_id}" + ("" if number % _BUILDERS_BETWEEN else "/builder")
    for page in written.pages:
        yield page
    for workflow_id in written.drawings:
        yield f"/workflows/{workflow_id}"
        yield f"/workflows/{workflow_id}/builder"
        for node in (await up.query("workflow.getDraft", workflowId=workflow_id))["graph"]["nodes"]:
            yield f"/workflows/{workflow_id}/builder?node={node['id']}"
