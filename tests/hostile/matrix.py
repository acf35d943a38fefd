"""The matrix: every hostile value, through every way in, to every place where it is shown."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from playwright.async_api import Browser
from temporalio.api.common.v1 import Payload
from tests.hostile.asking import Asked, ask
from tests.hostile.drawing import draw
from tests.hostile.elsewhere import look_elsewhere, name_namespaces
from tests.hostile.looking import Looked, Walk, look
from tests.hostile.nexus import Operations
from tests.hostile.operating import Operated, operate
from tests.hostile.planting import Planted, Planter
from tests.hostile.texts import BROKEN
from tests.hostile.up import Compared, Up, compare
from tests.hostile.writing import Written, write

STEPS_OF_A_RUN = 25
"""Texts, each of which makes eight steps."""
PAYLOADS_OF_A_RUN = 16
_TABS = 4
_ADDRESSES_OF_A_WALK = 120
"""Before the page is loaded anew."""
_STEPS_BETWEEN = 11
"""Of the steps of a run every so-manieth is opened: of each text several, of each kind of step some. All are listed."""
_SERVICES_BETWEEN = 12
_BUILDERS_BETWEEN = 6
PARTS = ("kept", "nexus", "writing", "asking", "commands", "looking")
"""What can be left out. Planting in every field of a history, and copying, is what all of it begins with."""
T = TypeVar("T")


@dataclass
class Report:
    texts: list[str]
    payloads: int
    planted: Planted
    compared: Compared
    written: Written
    asked: Asked
    operated: Operated
    looked: Looked
    statuses: dict[int, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)

    @property
    def unseen(self) -> list[str]:
        return [text for text in self.texts if text not in self.looked.seen]

    @property
    def faults(self) -> list[str]:
        """Everything that must not be; empty is what is promised."""
        told = self.written.told
        return [
            *(f"{count} answers of {status}" for status, count in self.statuses.items() if status >= 500),
            *(f"stuck: {run.workflow_id!r}" for run in self.planted.runs if run.run_id not in self.compared.ids),
            *(f"altered: {what!r}" for what in (*self.compared.altered, *told.altered, *self.operated.altered)),
            *(
                f"broken: {what}"
                for what in (*told.broken, *self.asked.broken, *self.operated.broken, *self.looked.broke)
            ),
            *(f"nothing was taken as: {name}" for name in told.never_taken()),
            *(f"ran: {what}" for what in (*self.looked.ran, *self.looked.refused_requests)),
            *(f"never on a page: {text!r}" for text in self.unseen if self.looked.pages),
            *(f"log: {line}" for line in self.log),
        ]

    def lines(self) -> Iterator[str]:
        told, looked, operated = self.written.told, self.looked, self.operated
        yield f"values     {len(self.texts)} texts, {self.payloads} payloads"
        for name, values in self.planted.refused.items():
            yield f"           Temporal itself does not take {len(values)} of them as a {name}"
        yield (
            f"copied     {self.compared.runs} of {len(self.planted.runs)} runs, {self.compared.events:,} events, "
            f"{self.compared.components:,} steps; {len(self.compared.altered)} differ from Temporal's own history"
        )
        yield (
            f"written    {told.kept.total():,} came back as they were, {told.refused.total():,} were refused with a "
            f"sentence, {len(told.altered)} came back as something else"
        )
        for name in sorted(told.kept | told.taken | told.refused):
            yield (
                f"           {name}: {told.taken[name]:,} taken, {told.kept[name]:,} compared, "
                f"{told.refused[name]:,} refused"
            )
        yield f"asked      {self.asked.answers:,} questions and addresses, {self.asked.fields} fields of queries"
        yield (
            f"commands   {operated.commands:,}; {operated.exported} histories exported and inspected, "
            f"{len(operated.altered)} differ; sync of {operated.copied} ids; {operated.refused:,} refused with a "
            "sentence"
        )
        yield (
            f"shown      {looked.pages:,} pages, {looked.clicks:,} things opened, {looked.characters:,} characters; "
            f"{len(looked.seen)} of {len(self.texts)} texts read on them; {len(looked.ran)} scripts, dialogs, reports "
            f"or elements, {len(looked.refused_requests)} foreign requests, {len(looked.broke)} broke"
        )
        yield f"answers    {', '.join(f'{count:,} of {status}' for status, count in sorted(self.statuses.items()))}"
        yield f"log        {len(self.log)} lines that should not be there"
        yield f"seconds    {', '.join(f'{name} {seconds:.0f}' for name, seconds in self.took.items())}"


@dataclass
class _Watch:
    took: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.took[name] = time.monotonic() - began
        print(f"{name} took {self.took[name]:.0f} s", file=sys.stderr, flush=True)

    async def time(self, name: str, work: Awaitable[T]) -> T:
        with self.over(name):
            return await work


async def run_matrix(
    up: Up,
    browser: Browser,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
    parts: Collection[str] = PARTS,
) -> Report:
    """Plant, copy and compare; write, draw and ask; export; and look at every page.

    What does not follow from each other is done at the same time: together it is what a busy installation does.
    """
    watch = _Watch()
    planter = Planter(up.client)
    with watch.over("planting"):
        names = await _plant(planter, texts, payloads, large, parts)
    with watch.over("copying"):
        compared = await compare(up, planter.planted.runs)
    tabs = up.people[:_TABS]
    written, asked, operated, looked = Written(), Asked(), Operated(), Looked()
    drawings: list[str] = []
    executions: list[str] = []
    async with asyncio.TaskGroup() as beside:
        if "commands" in parts:
            operating = beside.create_task(watch.time("commands", operate(up, compared, texts)))
        if "looking" in parts:
            runs = [walk async for walk in _walks_of_runs(up, compared)]
            looking = beside.create_task(
                watch.time("looking at runs", look(browser, up.ready["url"], tabs, runs, texts))
            )
        if "writing" in parts:
            with watch.over("writing"):
                all_values = {**payloads, **large}
                written, drawings, executions = await _write(up, planter, texts, all_values, names)
    async with asyncio.TaskGroup() as beside:
        if "asking" in parts:
            asking = beside.create_task(watch.time("asking", ask(up, texts, await _ids(up, compared))))
        if "looking" in parts and "writing" in parts:
            rest = [walk async for walk in _walks_of_the_rest(up, written, executions, drawings)]
            with watch.over("looking at the rest"):
                looked += await look(browser, up.ready["url"], tabs, rest, texts)
    if "commands" in parts:
        operated = operating.result()
    if "looking" in parts:
        looked += looking.result()
    if "asking" in parts:
        asked = asking.result()
    return Report(
        list(texts),
        len(payloads) + len(large),
        planter.planted,
        compared,
        written,
        asked,
        operated,
        looked,
        dict(up.statuses),
        up.problems_in_log(),
        watch.took,
    )


async def _write(
    up: Up, planter: Planter, texts: Sequence[str], payloads: Mapping[str, Payload], names: Sequence[str]
) -> tuple[Written, list[str], list[str]]:
    """All that people write; also the drawings, and the runs that came of it."""
    written = await write(up, [*texts, *BROKEN.values()], payloads, planter)
    drawings = await draw(up, texts, written.told)
    ended = await compare(up, written.ended)
    written.told.altered += ended.altered
    elsewhere = await look_elsewhere(up, written.project_id, names, written.told)
    return written, drawings, [*written.executions, *ended.ids.values(), *elsewhere]


async def _plant(
    planter: Planter,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
    parts: Collection[str],
) -> list[str]:
    """Everything into Temporal; return the names of namespaces that it took."""
    await planter.declare()
    names = await name_namespaces(planter, texts) if "writing" in parts else []
    await planter.plant_each(texts)
    await planter.plant_schedules(texts)
    of_values = list(payloads)
    of_texts = range(0, len(texts), STEPS_OF_A_RUN)
    of_payloads = range(0, len(of_values), PAYLOADS_OF_A_RUN)
    for number in range(max(len(of_texts), len(of_payloads))):
        some = texts[number * STEPS_OF_A_RUN :][:STEPS_OF_A_RUN] or texts[:1]
        values = {name: payloads[name] for name in of_values[number * PAYLOADS_OF_A_RUN :][:PAYLOADS_OF_A_RUN]}
        await planter.plant_steps(some, values)
    await planter.plant_values(large)
    if "kept" in parts:
        await planter.plant_kept(payloads)
    if "nexus" in parts:
        operations = await Operations.made(planter)
        await operations.plant(texts)
    return names


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


async def _walks_of_runs(up: Up, compared: Compared) -> AsyncIterator[Walk]:
    """Runs as they may be linked to from elsewhere, and all of their pages; then their workflows and lists of them."""
    paths: list[str] = []
    for run_id, execution_id in compared.ids.items():
        run = compared.runs_by_id[run_id]
        paths.append(f"/t/{up.connection_id}/{quote(run.workflow_id, safe='')}/{run.run_id}")
        path = f"/executions/{execution_id}"
        paths += [f"{path}/values", f"{path}/raw"]
        paths += [f"{path}?step={step}" for step in compared.steps[execution_id][::_STEPS_BETWEEN]]
    for workflow in (await up.query("workflow.list", projectId=up.project_id))["items"]:
        paths += [f"/workflows/{workflow['id']}", f"/workflows/{workflow['id']}/statistics"]
    for walk in _cut(paths):
        yield walk


async def _walks_of_the_rest(
    up: Up, written: Written, executions: Sequence[str], drawings: Sequence[str]
) -> AsyncIterator[Walk]:
    """All that people wrote, and where it is listed."""
    paths = ["/", "/attention", "/new-project", "/account", "/people"]
    for project_id in (up.project_id, written.project_id, written.rules_project_id):
        project = f"/projects/{project_id}"
        parts = (
            *("connections", "components", "statistics", "set-aside", "attention", "schedules"),
            *("members", "activity", "privacy"),
        )
        edits = [one["id"] for one in (await up.query("connection.list", projectId=project_id))["items"]]
        services = [one["id"] for one in (await up.query("service.list", projectId=project_id))["items"]]
        paths += [project, *(f"{project}/{part}" for part in parts)]
        paths += [f"{project}/connections?edit={edit}" for edit in edits]
        paths += [f"{project}/components?edit={edit}" for edit in services[::_SERVICES_BETWEEN]]
    for execution_id in executions:
        paths += [f"/executions/{execution_id}", f"/executions/{execution_id}/values"]
    for number, workflow_id in enumerate(written.workflows):
        paths.append(f"/workflows/{workflow_id}" + ("" if number % _BUILDERS_BETWEEN else "/builder"))
    for workflow_id in drawings:
        graph = (await up.query("workflow.getDraft", workflowId=workflow_id))["graph"]
        paths += [f"/workflows/{workflow_id}", f"/workflows/{workflow_id}/builder"]
        paths += [f"/workflows/{workflow_id}/builder?node={node['id']}" for node in graph["nodes"]]
    for walk in _cut(paths):
        yield walk


def _cut(paths: Sequence[str]) -> Iterator[Walk]:
    for start in range(0, len(paths), _ADDRESSES_OF_A_WALK):
        yield Walk(paths[start : start + _ADDRESSES_OF_A_WALK])
