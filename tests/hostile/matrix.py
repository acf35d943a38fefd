"""The matrix: every hostile value, through every way in, to every place where it is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from playwright.async_api import Browser
from temporalio.api.common.v1 import Payload
from tests.hostile.drawing import Drawn, draw
from tests.hostile.looking import Looked, look
from tests.hostile.planting import Planted, Planter
from tests.hostile.up import Compared, Up, compare

STEPS_OF_A_RUN = 25
"""Texts, each of which makes eight steps."""
PAYLOADS_OF_A_RUN = 16


@dataclass
class Report:
    texts: int
    payloads: int
    planted: Planted
    compared: Compared
    drawn: Drawn
    looked: Looked
    statuses: dict[int, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be; empty is what is promised."""
        return [
            *(f"{count} answers of {status}" for status, count in self.statuses.items() if status >= 500),
            *(f"stuck: {run.workflow_id!r}" for run in self.planted.runs if run.run_id not in self.compared.ids),
            *(f"altered: {what!r}" for what in (*self.compared.altered, *self.drawn.altered)),
            *(f"broken: {what}" for what in (*self.drawn.broken, *self.looked.broke)),
            *(f"ran: {what}" for what in (*self.looked.ran, *self.looked.refused_requests)),
            *(f"log: {line}" for line in self.log),
        ]

    def lines(self) -> Iterator[str]:
        yield f"values     {self.texts} texts, {self.payloads} payloads"
        for name, values in self.planted.refused.items():
            yield f"           Temporal itself does not take {len(values)} of them as a {name}"
        yield (
            f"copied     {self.compared.runs} of {len(self.planted.runs)} runs, {self.compared.events:,} events, "
            f"{self.compared.components:,} steps; {len(self.compared.altered)} differ from Temporal's own history"
        )
        yield (
            f"drawn      {len(self.drawn.workflows)} workflows; {self.drawn.refused} values refused with a sentence, "
            f"{len(self.drawn.altered)} came back as something else"
        )
        yield (
            f"shown      {self.looked.pages} pages, {self.looked.clicks} things opened, {self.looked.characters:,} "
            f"characters; {len(self.looked.ran)} scripts, dialogs, reports or elements, {len(self.looked.broke)} broke"
        )
        yield f"answers    {', '.join(f'{count:,} of {status}' for status, count in sorted(self.statuses.items()))}"
        yield f"log        {len(self.log)} lines that should not be there"


async def run_matrix(
    up: Up,
    browser: Browser,
    texts: Sequence[str],
    payloads: Mapping[str, Payload],
    large: Mapping[str, Payload],
    *,
    shown_runs: int,
) -> Report:
    """Plant, copy and compare, draw, and look; `shown_runs` of the runs of one text each get pages of their own."""
    planter = Planter(up.client)
    await planter.declare()
    await planter.plant_each(texts)
    single = len(planter.planted.runs)
    await planter.plant_schedules(texts)
    names = list(payloads)
    of_texts = range(0, len(texts), STEPS_OF_A_RUN)
    of_payloads = range(0, len(names), PAYLOADS_OF_A_RUN)
    for number in range(max(len(of_texts), len(of_payloads))):
        some = texts[number * STEPS_OF_A_RUN :][:STEPS_OF_A_RUN] or texts[:1]
        values = {name: payloads[name] for name in names[number * PAYLOADS_OF_A_RUN :][:PAYLOADS_OF_A_RUN]}
        await planter.plant_steps(some, values)
    await planter.plant_values(large)
    compared = await compare(up, planter.planted.runs)
    drawn = await draw(up, list(texts))
    runs = planter.planted.runs
    looked = await look(
        browser,
        up.ready["url"],
        up.ready["sign_in_url"],
        [path async for path in _paths(up, compared, drawn, runs[:single][:shown_runs], runs[single:])],
    )
    return Report(
        len(texts),
        len(payloads) + len(large),
        planter.planted,
        compared,
        drawn,
        looked,
        dict(up.statuses),
        up.problems_in_log(),
    )


async def _paths(up: Up, compared: Compared, drawn: Drawn, single: Sequence, many: Sequence):  # type: ignore[no-untyped-def, type-arg]
    """The address of every page there is."""
    project = f"/projects/{up.project_id}"
    for path in ("/", "/attention", "/new-project", project):
        yield path
    for part in ("connections", "components", "statistics", "set-aside", "attention", "schedules"):
        yield f"{project}/{part}"
    yield f"{project}/connections?edit={up.connection_id}"
    for run in single:
        yield f"/t/{up.connection_id}/{quote(run.workflow_id, safe='')}/{run.run_id}"
    workflows = set()
    for run in many:
        details = await up.query("execution.getExecutionDetails", executionId=compared.ids[run.run_id])
        workflows.add(details["execution"]["workflowId"])
        path = f"/executions/{compared.ids[run.run_id]}"
        for part in ("", "/graph", "/values", "/raw", "/chain"):
            yield path + part
        for component in details["components"][:: max(1, len(details["components"]) // 6)]:
            yield f"{path}?step={component['eventId']}"
    listed = await up.query("workflow.list", projectId=up.project_id)
    workflows |= {workflow["id"] for workflow in listed["items"][:5]}
    for workflow in workflows:
        yield f"/workflows/{workflow}"
        yield f"/workflows/{workflow}/statistics"
    for workflow in drawn.workflows:
        yield f"/workflows/{workflow}"
        yield f"/workflows/{workflow}/builder"
        yield f"/workflows/{workflow}/builder?node=n1"
        yield f"/workflows/{workflow}/builder?node=a1"
