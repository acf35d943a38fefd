"""People who build workflows, and start, approve and cancel runs of them through the API."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.chaos.answers import CALL_SECONDS, Answers, NotAnswered
from tests.chaos.drawn import DRAWN

_OPEN_AT_MOST = 25
"""Of each drawing that waits for a person."""


@dataclass
class People:
    urls: Sequence[str]
    token: str
    project_id: str
    dice: random.Random
    answers: Answers
    started: dict[str, str | None] = field(default_factory=dict)
    """Acknowledged: Temporal workflow id → execution id where the answer named it."""
    to_approve: dict[str, str] = field(default_factory=dict)
    """Of runs that nobody has approved yet: execution id by Temporal workflow id."""
    to_cancel: dict[str, str] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    """Acknowledged."""
    cancelled: set[str] = field(default_factory=set)
    """Acknowledged."""
    _workflows: dict[str, str] = field(default_factory=dict)
    _number: int = 0

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self.token}"},
            base_url=self.urls[0],
            timeout=CALL_SECONDS,
            trust_env=False,
        )

    async def build(self) -> None:
        """Before the storm: save every drawing once its components are in the catalogue."""
        async with self.client() as api:
            async with asyncio.timeout(60):
                while not await self._has_components(api):
                    await asyncio.sleep(0.1)
            for name, drawn in DRAWN.items():
                given = {"projectId": self.project_id, "name": name, "graph": drawn.graph.model_dump(mode="json")}
                made = await self.answers.tell(api, "workflow.create", **given)
                await self.answers.tell(api, "workflow.saveVersion", workflowId=made["workflowId"], revision=1)
                self._workflows[name] = made["workflowId"]

    async def _has_components(self, api: httpx.AsyncClient) -> bool:
        try:
            items = (await self.answers.ask(api, "component.list", projectId=self.project_id))["items"]
        except NotAnswered:
            return False
        return {"stamp", "stumble"} <= {item["type"] for item in items}

    async def go_on(self) -> None:
        async with self.client() as api:
            while True:
                api.base_url = self.dice.choice(self.urls)
                try:
                    await self._act(api)
                except NotAnswered:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(0.35 * self.dice.uniform(0.5, 1.5))

    async def _act(self, api: httpx.AsyncClient) -> None:
        what = self.dice.random()
        if self.to_approve and what < 0.3:
            await self.approve(api, self.dice.choice(list(self.to_approve)))
        elif self.to_cancel and what < 0.45:
            await self.cancel(api, self.dice.choice(list(self.to_cancel)))
        else:
            await self._start(api, self.dice.choice(list(DRAWN)))

    async def _start(self, api: httpx.AsyncClient, name: str) -> None:
        drawn, self._number = DRAWN[name], self._number + 1
        if drawn.is_asked and len(self.to_approve) > _OPEN_AT_MOST:
            return
        id = f"built-{name}-{self._number}"
        given: dict[str, Any] = {"workflowId": self._workflows[name], "input": dict(drawn.input)}
        try:
            execution_id = (await self.answers.tell(api, "workflow.run", temporalWorkflowId=id, **given))["executionId"]
        except NotAnswered as error:
            if error.sentence.startswith(f"Run {id} was started"):
                self.started[id] = None
            raise
        self.started[id] = execution_id
        if drawn.is_asked:
            self.to_approve[id] = execution_id
        if drawn.is_endless:
            self.to_cancel[id] = execution_id

    async def approve(self, api: httpx.AsyncClient, id: str) -> None:
        """Answer the run's question. It may not have asked yet, or an earlier answer may have come through."""
        given = {"executionId": self.to_approve[id], "node": "ask", "approved": True}
        try:
            await self.answers.tell(api, "execution.approve", also=(409,), **given)
        except NotAnswered as error:
            if "is over" in error.sentence or "no longer waits" in error.sentence:
                self.to_approve.pop(id, None)
            raise
        self.approved.add(id)
        self.to_approve.pop(id, None)

    async def cancel(self, api: httpx.AsyncClient, id: str) -> None:
        try:
            await self.answers.tell(
                api, "execution.cancel", also=(409,), executionId=self.to_cancel[id], reason="chaos"
            )
        except NotAnswered as error:
            if "is over" in error.sentence:
                self.to_cancel.pop(id, None)
            raise
        self.cancelled.add(id)
        self.to_cancel.pop(id, None)
