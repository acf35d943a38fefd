"""The ASGI application to mount at `/trpc`: reads calls, runs them at once, answers in their order.

When the caller goes away, queries are cancelled at their next await; mutations run on to their end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from watchglass.api.trpc import response
from watchglass.api.trpc.errors import TRPCError, internal_error
from watchglass.api.trpc.request import Call, Calls, ClientLeftError, accepts, read_calls, read_input
from watchglass.api.trpc.response import Answer
from watchglass.api.trpc.router import Kind, Procedure, Router

ContextT = TypeVar("ContextT")

_CLIENT_CLOSED = 499
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[ContextT]):
    router: Router[ContextT]
    context: Callable[[Request], Awaitable[ContextT]]
    """Made once a request: who is asking. What it raises becomes every call's answer."""
    guard: Callable[[Procedure, ContextT], None]
    """Raises when this caller may not use this procedure."""
    translate: Callable[[Exception], TRPCError | None]
    """What an exception of a lower room means to callers; None for a bug."""
    _running: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await response.send_nothing(send, 204)
            return
        try:
            calls = await read_calls(scope, receive, self.router)
        except TRPCError as error:
            await response.send_answer(send, response.failure(error))
            return
        except ClientLeftError:
            return
        answer = await self._run(calls, Request(scope), receive)
        if answer is None:
            await response.send_nothing(send, _CLIENT_CLOSED)
        else:
            await response.send_answer(send, answer)

    async def drain(self) -> None:
        """Wait for mutations whose callers are gone."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, calls: Calls, request: Request, receive: Receive) -> Answer | None:
        """All answers as one; None when the caller left before they were ready."""
        context = await self._outcome(self.context(request))
        tasks = [self._start(call, calls, context) for call in calls.calls]
        left = asyncio.create_task(_left(receive))
        try:
            await _first(left, tasks)
            if not all(task.done() for task in tasks):
                return None
        finally:
            left.cancel()
            _cancel_queries(calls.calls, tasks)
        answers = [task.result() for task in tasks]
        return response.batch(answers) if calls.is_batch else answers[0]

    def _start(self, call: Call, calls: Calls, context: ContextT | TRPCError) -> asyncio.Task[Answer]:
        task = asyncio.create_task(self._answer(call, calls, context))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _answer(self, call: Call, calls: Calls, context: ContextT | TRPCError) -> Answer:
        outcome = await self._outcome(self._call(call, calls, context))
        if isinstance(outcome, TRPCError):
            return response.failure(outcome, call.path)
        return response.result(outcome)

    async def _call(self, call: Call, calls: Calls, context: ContextT | TRPCError) -> bytes:
        procedure = _procedure(call, calls.method)
        if isinstance(context, TRPCError):
            raise context
        self.guard(procedure, context)
        arguments: list[Any] = [context]
        if procedure.input is not None:
            arguments.append(read_input(procedure, calls.inputs.of(call.index)))
        return procedure.output.dump_json(await _in_time(procedure, arguments), by_alias=True)

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


def _procedure(call: Call, method: str) -> Procedure:
    if call.procedure is None:
        raise TRPCError("NOT_FOUND", f'No procedure found on path "{call.path}"')
    if not accepts(call.procedure.kind, method):
        message = f'Unsupported {method}-request to {call.procedure.kind} procedure at path "{call.path}"'
        raise TRPCError("METHOD_NOT_SUPPORTED", message)
    return call.procedure


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


async def _first(left: asyncio.Task[None], tasks: Sequence[asyncio.Task[Answer]]) -> None:
    """Return when every call has its answer, or when the caller is gone."""
    pending: set[asyncio.Task[Any]] = set(tasks)
    while pending and not left.done():
        _, waiting = await asyncio.wait({left, *pending}, return_when=asyncio.FIRST_COMPLETED)
        pending = waiting - {left}


def _cancel_queries(calls: Sequence[Call], tasks: Sequence[asyncio.Task[Answer]]) -> None:
    for call, task in zip(calls, tasks, strict=True):
        if call.procedure is None or call.procedure.kind is Kind.QUERY:
            task.cancel()
