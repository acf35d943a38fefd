"""Somebody who looks at pages while everything dies, and notices what cannot be true."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.chaos.answers import CALL_SECONDS, Answers, NotAnswered

_COUNTS = (
    "runningRuns",
    "completedRuns",
    "failedRuns",
    "cancelledRuns",
    "terminatedRuns",
    "timedOutRuns",
    "continuedAsNewRuns",
    "unknownRuns",
)
_CLOSED = {"completed", "failed", "cancelled", "terminated", "timed_out", "continued_as_new"}


@dataclass
class Visitor:
    urls: Sequence[str]
    """Of several APIs: each page comes from another one."""
    token: str
    project_id: str
    dice: random.Random
    answers: Answers
    pages: int = 0
    _seen: list[str] = field(default_factory=list)
    _ended: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """What was shown of runs that have ended: it may never be shown otherwise."""
    _totals: dict[str, int] = field(default_factory=dict)

    async def go_on(self) -> None:
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self.token}"}, timeout=CALL_SECONDS, trust_env=False
        ) as api:
            while True:
                api.base_url = self.dice.choice(self.urls)
                try:
                    await self._look(api)
                except NotAnswered:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(0.1)

    async def _look(self, api: httpx.AsyncClient) -> None:
        workflows = (await self.answers.ask(api, "workflow.list", projectId=self.project_id))["items"]
        if not workflows:
            return
        workflow = self.dice.choice(workflows)["id"]
        await self._list(api, workflow)
        await self._figures(api, workflow)
        for _ in range(3):
            await self._run(api, self.dice.choice(self._seen[-200:])) if self._seen else None

    async def _list(self, api: httpx.AsyncClient, workflow: str) -> None:
        page = await self.answers.ask(api, "execution.getExecutionHistory", workflowId=workflow, limit=50)
        self.pages += 1
        ids = [item["id"] for item in page["items"]]
        starts = [item["startedAt"] for item in page["items"]]
        known, total = self._totals.get(workflow, 0), page["total"]
        self._totals[workflow] = max(known, total)
        self._seen += [id for id in ids if id not in set(self._seen)]
        self.answers.blame(f"list {workflow}", _list_problem(ids, starts, total, known))

    async def _figures(self, api: httpx.AsyncClient, workflow: str) -> None:
        shown = await self.answers.ask(api, "execution.getWorkflowStatistics", workflowId=workflow)
        self.pages += 1
        total, known = shown["totalRuns"], self._totals.get(f"figures {workflow}", 0)
        self._totals[f"figures {workflow}"] = max(known, total)
        counted = sum(shown[name] for name in _COUNTS)
        if counted != total:
            self.answers.blame(f"figures {workflow}", f"{counted} runs by status, {total} in all")
        if total < known:
            self.answers.blame(f"figures {workflow}", f"{total} runs after {known}")

    async def _run(self, api: httpx.AsyncClient, id: str) -> None:
        page = await self.answers.ask(api, "execution.getExecutionDetails", executionId=id)
        self.pages += 1
        run, steps = page["execution"], page["components"]
        self.answers.blame(f"run {id}", _run_problem(id, run, steps, is_whole=page["nextCursor"] is None))
        if run["status"] in _CLOSED and run["detailState"] == "complete":
            told = (run["status"], run["closedAt"], run["componentCount"], str(run["result"]), run["historyLength"])
            before = self._ended.setdefault(id, told)
            if before != told:
                self.answers.blame(f"run {id}", f"ended as {before}, and now as {told}")
        events = await self.answers.ask(api, "execution.getHistoryEvents", executionId=id)
        numbers = [int(event["eventId"]) for event in events["events"]]
        if numbers != list(range(1, len(numbers) + 1)):
            self.answers.blame(f"run {id}", f"events {numbers}")
        if self.dice.random() < 0.2:
            await self.answers.tell(api, "execution.syncExecutionFromTemporal", executionId=id, immediate=True)


def _list_problem(ids: Sequence[str], starts: Sequence[str], total: int, known: int) -> str | None:
    if len(set(ids)) != len(ids):
        return "a run is listed twice"
    if list(starts) != sorted(starts, reverse=True):
        return "not in the order of starts"
    if total < max(known, len(ids)):
        return f"{total} runs after {known}, {len(ids)} on the page"
    return None


def _run_problem(id: str, run: dict[str, Any], steps: Sequence[dict[str, Any]], *, is_whole: bool) -> str | None:
    numbers = [step["eventId"] for step in steps]
    if run["id"] != id:
        return f"another run is shown: {run['id']}"
    if numbers != sorted(set(numbers)):
        return f"steps out of order: {numbers}"
    if is_whole and run["componentCount"] != len(steps):
        return f"{run['componentCount']} steps are counted, {len(steps)} shown"
    if run["status"] in _CLOSED and run["closedAt"] is None:
        return f"{run['status']}, and without an end"
    return None
