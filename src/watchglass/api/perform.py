"""Runs procedures for whichever protocol asks: the same permissions, deadlines and errors behind each of them.

When the caller goes away, queries are cancelled at their next await; mutations run on to their end.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from starlette.requests import Request
from starlette.types import Receive

from watchglass import metrics
from watchglass.api.trpc.errors import TRPCError, internal_error
from watchglass.api.trpc.router import Kind, Procedure, Router

ContextT = TypeVar("ContextT")
AnswerT = TypeVar("AnswerT")

_log = structlog.get_logger(__name__)

LARGE_AT_ONCE = 3
"""Answers of megabytes, or that take the database long, that a process makes at the same time: fewer than its
connections to the database, so that all other calls have one."""
FIGURES_AT_ONCE = 2
"""Of these, figures that are added up: a page of them asks for six, and leaves one turn to everybody's histories."""
LARGE_SECONDS = 15.0
"""How long one waits for its turn before it is refused."""


@dataclass(frozen=True, slots=True)
class Work(Generic[AnswerT]):
    """One call on its way to its answer."""

    answer: Coroutine[Any, Any, AnswerT]
    """Never fails: errors are answers."""
    procedure: Procedure | None
    """None: there is no such procedure, and the answer says so."""


@dataclass(frozen=True, slots=True)
class Performer(Generic[ContextT]):
    """What all protocols share."""

    router: Router[ContextT]
    context: Callable[[Request], Awaitable[ContextT]]
    """Made once a request: who is asking. What it raises becomes every call's answer."""
    guard: Callable[[Procedure, ContextT], None]
    """Raises when this caller may not use this procedure."""
    translate: Callable[[Exception], TRPCError | None]
    """What an exception of a lower room means to callers; None for a bug."""
    large_at_once: int = LARGE_AT_ONCE
    large_seconds: float = LARGE_SECONDS
    _running: set[asyncio.Task[Any]] = field(default_factory=set)
    _large: asyncio.Semaphore = field(init=False)
    _figures: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FIGURES_AT_ONCE))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_large", asyncio.Semaphore(self.large_at_once))

    async def context_of(self, request: Request) -> ContextT | TRPCError:
        """Who is asking, or why that could not be found out."""
        context: ContextT | TRPCError = await self._outcome(self.context(request))
        return context

    async def perform(
        self, find: Callable[[], Procedure], context: ContextT | TRPCError, read: Callable[[Procedure], Any]
    ) -> bytes | TRPCError:
        """A call's output as JSON, or the error that its caller is told.

        `find` says which procedure, `read` its validated input; either may raise TRPCError.
        """
        began = time.monotonic()
        called: list[Procedure] = []

        def find_and_tell() -> Procedure:
            called.append(find())
            return called[0]

        code = "CANCELLED"
        try:
            outcome: bytes | TRPCError = await self._outcome(self._perform(find_and_tell, context, read))
            code = outcome.code if isinstance(outcome, TRPCError) else "OK"
            return outcome
        finally:
            # By its own name, and not by what was asked for: that could be anything.
            name = called[0].name if called else "none"
            seconds = time.monotonic() - began
            metrics.REQUESTS.labels(name, code).inc()
            metrics.REQUEST_SECONDS.labels(name).observe(seconds)
            _log.debug("answered", procedure=name, code=code, milliseconds=round(seconds * 1000, 1))

    async def gather(self, works: Sequence[Work[AnswerT]], receive: Receive) -> list[AnswerT] | None:
        """All answers, in the order of the work; None when the caller left before they were ready."""
        tasks = [self._start(work) for work in works]
        left = asyncio.create_task(_left(receive))
        try:
            await _first(left, tasks)
            if not all(task.done() for task in tasks):
                return None
        finally:
            left.cancel()
            _cancel_queries(works, tasks)
        return [task.result() for task in tasks]

    async def drain(self) -> None:
        """Wait for mutations whose callers are gone."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, work: Work[AnswerT]) -> asyncio.Task[AnswerT]:
        task = asyncio.create_task(work.answer)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _perform(
        self, find: Callable[[], Procedure], context: ContextT | TRPCError, read: Callable[[Procedure], Any]
    ) -> bytes:
        procedure = find()
        if isinstance(context, TRPCError):
            raise context
        self.guard(procedure, context)
        arguments: list[Any] = [context]
        if procedure.input is not None:
            arguments.append(read(procedure))
        async with self._turn(procedure):
            return procedure.output.dump_json(await _in_time(procedure, arguments), by_alias=True)

    @asynccontextmanager
    async def _turn(self, procedure: Procedure) -> AsyncIterator[None]:
        """Let a procedure with a large answer wait until few others make one: each takes much memory or much time."""
        if not procedure.is_large:
            yield
            return
        async with AsyncExitStack() as turns:
            try:
                async with asyncio.timeout(self.large_seconds):
                    if procedure.adds_up:
                        await turns.enter_async_context(self._figures)
                    await turns.enter_async_context(self._large)
            except TimeoutError:
                raise TRPCError(
                    "SERVICE_UNAVAILABLE", "Too many large answers are being made at once. Try again in a moment."
                ) from None
            yield

    async def _outcome(self, work: Awaitable[Any]) -> Any:
        """What the work returned, or the error that callers are told."""
        try:
            return await work
        except TRPCError as error:
            return error
        except Exception as error:
            known = self.translate(error)
            if known is None:
                _log.exception("procedure_failed")
            return known or internal_error()


async def _in_time(procedure: Procedure, arguments: Sequence[Any]) -> Any:
    seconds = procedure.timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await procedure.handler(*arguments)
    except TimeoutError as error:
        if not deadline.expired():
            raise
        message = f"{procedure.name} did not finish within {seconds:g} s. Try again, or ask for less."
        raise TRPCError("TIMEOUT", message) from error


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first(left: asyncio.Task[None], tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Return when every call has its answer, or when the caller is gone."""
    pending: set[asyncio.Task[Any]] = set(tasks)
    while pending and not left.done():
        _, waiting = await asyncio.wait({left, *pending}, return_when=asyncio.FIRST_COMPLETED)
        pending = waiting - {left}


def _cancel_queries(works: Sequence[Work[Any]], tasks: Sequence[asyncio.Task[Any]]) -> None:
    for work, task in zip(works, tasks, strict=True):
        if work.procedure is None or work.procedure.kind is Kind.QUERY:
            task.cancel()
