"""A Watchglass of its own that hostile values are put in front of, and what it answers."""

import asyncio
import json
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client
from tests.acceptance.running import Running, clean_environment
from tests.hostile.commands import Commands, commands
from tests.servers import SOURCES, make_shared_directory

from watchglass.embedded.ports import free_port
from watchglass.parse.export import event_json

_AT_ONCE = 8
_PAGE = 500
_PEOPLE = 10
_PATH = os.pathsep.join((SOURCES, str(Path(__file__).parents[2])))
_KEPT_OPEN = httpx.Limits(keepalive_expiry=1)
"""Well before the server closes a connection that nothing is asked on: a question sent just then would be lost."""
_PAUSE_SECONDS = 3
GIVE_UP_SECONDS = 300
Json = dict[str, Any]


@dataclass
class Up:
    """One running `watchglass up`, asked over HTTP as its owner."""

    running: Running
    ready: dict[str, Any]
    client: Client
    http: httpx.AsyncClient
    directory: Path
    project_id: str = ""
    connection_id: str = ""
    commands: Commands | None = None
    people: list[str] = field(default_factory=list)
    """Tokens of people who may do everything: one person may ask for what costs much only so often a minute."""
    statuses: Counter[int] = field(default_factory=Counter)
    """How often each HTTP status was answered."""

    async def query(self, procedure: str, *, person: int = 0, **given: Any) -> Any:
        return self._data(procedure, await self.ask(procedure, given, person=person))

    async def mutate(self, procedure: str, *, person: int = 0, **given: Any) -> Any:
        return self._data(procedure, await self.tell(procedure, given, person=person))

    async def ask(self, procedure: str, given: Json, *, person: int = 0) -> httpx.Response:
        """The answer to a query, as the page asks it."""
        parameters = {"input": json.dumps(given)}
        return self._counted(await self.http.get(f"/trpc/{procedure}", params=parameters, headers=self._as(person)))

    async def ask_rest(self, procedure: str, given: Mapping[str, str], *, person: int = 0) -> httpx.Response:
        """The same as a program asks it that knows the published description."""
        return self._counted(await self.http.get(f"/api/v1/{procedure}", params=given, headers=self._as(person)))

    async def tell(self, procedure: str, given: Json | bytes, *, person: int = 0, rest: bool = False) -> httpx.Response:
        """The answer to a mutation, or to a query too large for an address; asked as the person of that number."""
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        headers = {"content-type": "application/json", **self._as(person)}
        path = f"/api/v1/{procedure}" if rest else f"/trpc/{procedure}"
        return self._counted(await self.http.post(path, content=body, headers=headers))

    def _as(self, person: int) -> dict[str, str]:
        """Who asks: until there are others, the owner of the installation."""
        return {"authorization": f"Bearer {self.people[person % len(self.people)]}"} if self.people else {}

    def _counted(self, answer: httpx.Response) -> httpx.Response:
        self.statuses[answer.status_code] += 1
        return answer

    def _data(self, procedure: str, answer: httpx.Response) -> Any:
        assert answer.status_code == httpx.codes.OK, f"{procedure}: {answer.text[:500]}"
        return answer.json()["result"]["data"]

    async def found(self, run: WorkflowExecution, *, person: int = 0) -> str:
        """The id under which the run is known here; asked for by Temporal's own ids, as a link from elsewhere does."""
        given = {"connectionId": self.connection_id, "temporalWorkflowId": run.workflow_id}
        if run.run_id:
            given["temporalRunId"] = run.run_id
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                answer = await self.tell("execution.resolve", given, person=person)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return str(self._data("execution.resolve", answer)["executionId"])
                # Temporal is too busy, which is said; whoever follows a link tries again.
                await asyncio.sleep(_PAUSE_SECONDS)

    async def invite(self) -> None:
        """Let in the people whose tokens are used in turns."""
        assert self.commands is not None
        tokens = []
        for number in range(_PEOPLE):
            name = f"somebody {number}"
            await self.mutate("user.create", name=name, isAdmin=True)
            await self.mutate("member.add", projectId=self.project_id, name=name, role="owner", seesPayloads=True)
            said = await self.commands.run(
                *("token", "create", "--user", name, "--name", "hostile", "--data-dir", str(self.directory))
            )
            assert said.code == 0, said.err
            tokens.append(said.out.strip())
        self.people = tokens

    @asynccontextmanager
    async def in_browser(self) -> AsyncIterator["Up"]:
        """The same, asked by somebody who signed in on the page: what only they may do, no token does."""
        given = {"name": "somebody in a browser", "password": "correct horse battery staple"}
        await self.mutate("user.create", **given)
        async with httpx.AsyncClient(
            base_url=self.ready["url"], timeout=self.http.timeout, limits=_KEPT_OPEN, trust_env=False
        ) as http:
            answer = await http.post("/auth/sign-in", json=given)
            assert answer.is_success, answer.text
            yield replace(self, http=http, people=[])

    async def until_copied(self, execution_id: str, events: int, *, person: int = 0) -> dict[str, Any]:
        """The run's details as soon as all its events are here. Fails with what the sync says when they are not."""
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                details: dict[str, Any] = await self.query(
                    "execution.getExecutionDetails", executionId=execution_id, limit=1000, person=person
                )
                page = await self.query("execution.getHistoryEvents", executionId=execution_id, limit=1, person=person)
                if page["total"] >= events:
                    return details
                assert details["execution"]["syncStatus"] != "set_aside", details["execution"]
                await asyncio.sleep(0.3)

    async def history(self, execution_id: str, *, person: int = 0) -> list[Any]:
        """All stored events, as the page of raw events and every export give them."""
        events: list[Any] = []
        cursor = None
        while True:
            more: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
            page = await self.query(
                "execution.getHistoryEvents", executionId=execution_id, limit=_PAGE, person=person, **more
            )
            events += page["events"]
            cursor = page["nextCursor"]
            if cursor is None:
                return events

    def problems_in_log(self, start: int, end: int) -> list[str]:
        """Lines that tell of a bug, and lines that are not what our log is: one JSON object each, in plain ASCII."""
        found = []
        for line in self.running.lines[start:end]:
            try:
                told = json.loads(line)
            except ValueError:
                found.append(line)
                continue
            bad = told.get("event") in ("procedure_failed", "sync_failed") or told.get("level") in ("error", "critical")
            if bad or not line.isascii():
                found.append(line)
        return found


async def truth(client: Client, run: WorkflowExecution) -> list[HistoryEvent]:
    """The run's events as Temporal gives them."""
    events: list[HistoryEvent] = []
    request = GetWorkflowExecutionHistoryRequest(namespace=client.namespace, execution=run)
    while True:
        answer = await client.workflow_service.get_workflow_execution_history(request, retry=True)
        events += answer.history.events
        if not answer.next_page_token:
            return events
        request.next_page_token = answer.next_page_token


@dataclass
class Compared:
    """What came of copying runs."""

    runs: int = 0
    events: int = 0
    components: int = 0
    stuck: list[str] = field(default_factory=list)
    """Runs that were not copied, and why."""
    altered: list[str] = field(default_factory=list)
    """Runs whose stored history is not, field for field and byte for byte, Temporal's own."""
    ids: dict[str, str] = field(default_factory=dict)
    """Under which id each run is known here, by Temporal's run id."""
    runs_by_id: dict[str, WorkflowExecution] = field(default_factory=dict)
    steps: dict[str, list[int]] = field(default_factory=dict)
    """Events that began the steps of a run, by its id here."""


async def compare(up: Up, runs: list[WorkflowExecution], compared: Compared) -> None:
    """Every run is found by its own ids, copied, shown, and its history is Temporal's."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(run: WorkflowExecution, person: int) -> None:
        events = await truth(up.client, run)
        execution_id = await up.found(run, person=person)
        details = await up.until_copied(execution_id, len(events), person=person)
        if await up.history(execution_id, person=person) != [event_json(event) for event in events]:
            compared.altered.append(run.workflow_id)
        compared.runs += 1
        compared.events += len(events)
        compared.components += len(details["components"])
        compared.ids[run.run_id] = execution_id
        compared.runs_by_id[run.run_id] = run
        compared.steps[execution_id] = [component["eventId"] for component in details["components"]]

    async def in_turn(run: WorkflowExecution, person: int) -> None:
        async with turns:
            try:
                await one(run, person)
            except (AssertionError, TimeoutError, httpx.HTTPError) as error:
                compared.stuck.append(f"{run.workflow_id!r}: {error!r}")

    async with asyncio.TaskGroup() as group:
        for person, run in enumerate(runs):
            group.create_task(in_turn(run, person))


@asynccontextmanager
async def started() -> AsyncIterator[Up]:
    """A Watchglass with servers of its own, without the demo."""
    directory = make_shared_directory()
    arguments = ("--data-dir", str(directory), "--port", str(free_port()), "--no-demo")
    with Running(*arguments, env=clean_environment()) as running:
        ready = await asyncio.to_thread(running.wait_for, "ready")
        client = await Client.connect(ready["temporal_address"], namespace=ready["namespace"])
        headers = {"Authorization": f"Bearer {ready['token']}"}
        async with (
            httpx.AsyncClient(
                base_url=ready["url"], headers=headers, timeout=60, limits=_KEPT_OPEN, trust_env=False
            ) as http,
            commands(clean_environment(PYTHONPATH=_PATH)) as ran,
        ):
            up = Up(running, ready, client, http, directory, commands=ran)
            projects = (await up.query("project.list"))["items"]
            local = next(project for project in projects if project["name"] == "Local")
            up.project_id, up.connection_id = local["id"], local["connection"]["id"]
            await up.invite()
            yield up
    shutil.rmtree(directory)
