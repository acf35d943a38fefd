"""Runs and signals under way all the time, and a record of those that Temporal has acknowledged."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from tests.acceptance.hostile import Complain
from tests.acceptance.observed import Chain, Greeting, Retried, Steps

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
