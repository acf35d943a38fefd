"""Runs and signals under way all the time, and a record of those that Temporal has acknowledged."""

import asyncio
import json
import random
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from tests.acceptance.hostile import Complain
from tests.acceptance.observed import Chain, Greeting, Retried, Steps

from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

_CALL = timedelta(seconds=3)
_PAUSE = 0.12
_OPEN_AT_MOST = 40


@dataclass
class Load:
    """Starts runs and signals them until told to stop."""

    client: Client
    queue: str
    dice: random.Random
    runs: set[str] = field(default_factory=set)
    """Workflow ids whose start was acknowledged."""
    signals: set[tuple[str, str]] = field(default_factory=set)
    """Workflow id and name of the steps whose signal was acknowledged."""
    refused: int = 0
    """Calls that were not: what they asked for may have been done all the same."""
    _open: list[WorkflowHandle[Any, Any]] = field(default_factory=list)
    _number: int = 0

    async def first(self) -> None:
        """One run, to see that everything has begun."""
        if "chaos-0" not in self.runs:
            await self._start(Greeting.run, ["Ada"])

    async def go_on(self) -> None:
        while True:
            self._number += 1
            try:
                await self._next()
            except (RPCError, RuntimeError):
                self.refused += 1
            await asyncio.sleep(_PAUSE * self.dice.uniform(0.3, 1.7))

    async def _next(self) -> None:
        what = self.dice.random()
        if self._open and what < 0.45:
            await self._signal(self.dice.choice(self._open))
        elif what < 0.60:
            self._open.append(await self._start(Steps.run))
        elif what < 0.80:
            await self._start(Greeting.run, ["Ada", "Grace"])
        elif what < 0.87:
            await self._start(Chain.run, 2)
        elif what < 0.94:
            await self._start(Retried.run, 2)
        else:
            await self._start(Complain.run)
        if len(self._open) > _OPEN_AT_MOST:
            await self._finish(self._open.pop(0))

    async def _start(self, run: Any, *given: Any) -> WorkflowHandle[Any, Any]:
        handle = await self.client.start_workflow(
            run, args=list(given), id=f"chaos-{self._number}", task_queue=self.queue, rpc_timeout=_CALL
        )
        self.runs.add(handle.id)
        return handle

    async def _signal(self, handle: WorkflowHandle[Any, Any]) -> None:
        name = f"step {self._number}"
        await handle.signal(Steps.step, name, rpc_timeout=_CALL)
        self.signals.add((handle.id, name))

    async def _finish(self, handle: WorkflowHandle[Any, Any]) -> None:
        await handle.signal(Steps.finish, rpc_timeout=_CALL)

    async def finish(self) -> None:
        """Let half of what is open end; the rest stays open."""
        for handle in self._open[::2]:
            with suppress(RPCError):
                await self._finish(handle)


@dataclass
class Visitor:
    """Somebody who looks at runs and has them copied at once."""

    store: Store
    url: str
    token: str
    dice: random.Random
    answers: dict[str, int] = field(default_factory=dict)
    """How often the API answered with each status; `none` when it was away."""
    defects: list[str] = field(default_factory=list)
    """Answers that nobody should ever see."""

    async def go_on(self) -> None:
        async with httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=8
        ) as api:
            while True:
                try:
                    await self._look(api)
                except httpx.HTTPError:
                    self._count("none")
                except Exception as error:
                    if not is_outage(error):
                        raise
                await asyncio.sleep(0.3)

    async def _look(self, api: httpx.AsyncClient) -> None:
        async with self.store.write() as reader:
            rows = await reader.fetch("SELECT id FROM workflow_executions ORDER BY id DESC LIMIT 50")
        if rows:
            chosen = str(self.dice.choice(rows)["id"])
            await self._ask(api.get("/trpc/execution.getExecutionDetails", params={"input": _json(executionId=chosen)}))
            given = {"executionId": chosen, "immediate": True}
            await self._ask(api.post("/trpc/execution.syncExecutionFromTemporal", json=given))

    async def _ask(self, asked: Awaitable[httpx.Response]) -> None:
        answer = await asked
        self._count(str(answer.status_code))
        if answer.status_code == 500:
            self.defects.append(answer.text[:500])

    def _count(self, status: str) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1


def _json(**given: str) -> str:
    return json.dumps(given)
