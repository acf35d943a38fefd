"""Answers of megabytes are made a few at a time: others wait, and are refused with a sentence when it takes long."""

import asyncio

from pydantic import BaseModel

from watchglass.api.perform import FIGURES_AT_ONCE, LARGE_AT_ONCE, Performer
from watchglass.api.procedures import router as procedures
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.router import Procedure, Router
from watchglass.model.permission import Permission


class Answer(BaseModel):
    text: str


def test_what_shows_values_whole_or_adds_up_many_runs_waits_its_turn() -> None:
    assert {procedure.name for procedure in procedures if procedure.is_large} == {
        "execution.getComponentExecution",
        "execution.getExecutionValues",
        "execution.getHistoryEvents",
        "execution.previewErase",
        "retention.preview",
        "statistics.components",
        "statistics.distribution",
        "statistics.errors",
        "statistics.taskQueues",
        "statistics.timeline",
        "statistics.versions",
        "statistics.workflows",
    }


async def test_one_too_many_waits_and_is_then_refused() -> None:
    router: Router[None] = Router()
    go = asyncio.Event()
    under_way: list[int] = []

    @router.query("sample.large", permission=Permission.PUBLIC, is_large=True)
    async def large(_context: None) -> Answer:
        under_way.append(1)
        await go.wait()
        return Answer(text="large")

    @router.query("sample.small", permission=Permission.PUBLIC)
    async def small(_context: None) -> Answer:
        return Answer(text="small")

    async def nobody(_request: object) -> None:
        return None

    performer: Performer[None] = Performer(
        router=router,
        context=nobody,
        guard=lambda procedure, context: None,
        translate=lambda error: None,
        large_seconds=0.05,
    )

    def asked(name: str) -> "asyncio.Task[bytes | TRPCError]":
        return asyncio.create_task(performer.perform(lambda: _found(router, name), None, lambda procedure: None))

    first = [asked("sample.large") for _ in range(LARGE_AT_ONCE)]
    while len(under_way) < LARGE_AT_ONCE:
        await asyncio.sleep(0)
    refused = await asked("sample.large")
    assert isinstance(refused, TRPCError) and refused.code == "SERVICE_UNAVAILABLE"
    assert "Try again in a moment" in refused.message
    assert await asked("sample.small") == b'{"text":"small"}'
    go.set()
    assert await asyncio.gather(*first) == [b'{"text":"large"}'] * LARGE_AT_ONCE
    assert await asked("sample.large") == b'{"text":"large"}'


async def test_figures_leave_a_turn_to_histories() -> None:
    router: Router[None] = Router()
    go = asyncio.Event()
    under_way: list[int] = []

    @router.query("sample.figures", permission=Permission.PUBLIC, adds_up=True)
    async def figures(_context: None) -> Answer:
        under_way.append(1)
        await go.wait()
        return Answer(text="figures")

    @router.query("sample.large", permission=Permission.PUBLIC, is_large=True)
    async def large(_context: None) -> Answer:
        return Answer(text="large")

    async def nobody(_request: object) -> None:
        return None

    performer: Performer[None] = Performer(
        router=router, context=nobody, guard=lambda procedure, context: None, translate=lambda error: None
    )

    def asked(name: str) -> "asyncio.Task[bytes | TRPCError]":
        return asyncio.create_task(performer.perform(lambda: _found(router, name), None, lambda procedure: None))

    all_of_them = [asked("sample.figures") for _ in range(LARGE_AT_ONCE)]
    while len(under_way) < FIGURES_AT_ONCE:
        await asyncio.sleep(0)
    assert await asked("sample.large") == b'{"text":"large"}'
    assert len(under_way) == FIGURES_AT_ONCE
    go.set()
    assert await asyncio.gather(*all_of_them) == [b'{"text":"figures"}'] * LARGE_AT_ONCE


def _found(router: Router[None], name: str) -> Procedure:
    found = router.find(name)
    assert found is not None
    return found
