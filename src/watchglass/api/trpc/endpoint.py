"""The ASGI application to mount at `/trpc`: reads calls, runs them at once, answers in their order."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from watchglass.api.body import ClientLeftError
from watchglass.api.perform import Performer, Work
from watchglass.api.trpc import response
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.request import Call, Calls, accepts, read_calls, read_input
from watchglass.api.trpc.response import Answer
from watchglass.api.trpc.router import Procedure

ContextT = TypeVar("ContextT")


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[ContextT]):
    performer: Performer[ContextT]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await response.send_nothing(send, 204)
            return
        try:
            calls = await read_calls(scope, receive, self.performer.router)
        except TRPCError as error:
            await response.send_answer(send, response.failure(error))
            return
        except ClientLeftError:
            return
        answer = await self._run(calls, Request(scope), receive)
        if answer is None:
            await response.send_nothing(send, response.CLIENT_CLOSED)
        else:
            await response.send_answer(send, answer)

    async def _run(self, calls: Calls, request: Request, receive: Receive) -> Answer | None:
        """All answers as one; None when the caller left before they were ready."""
        context = await self.performer.context_of(request)
        works = [Work(self._answer(call, calls, context), call.procedure) for call in calls.calls]
        answers = await self.performer.gather(works, receive)
        if answers is None:
            return None
        return response.batch(answers) if calls.is_batch else answers[0]

    async def _answer(self, call: Call, calls: Calls, context: ContextT | TRPCError) -> Answer:
        outcome = await self.performer.perform(
            partial(_procedure, call, calls.method), context, partial(_input, call, calls)
        )
        if isinstance(outcome, TRPCError):
            return response.failure(outcome, call.told_path)
        return response.result(outcome)


def _input(call: Call, calls: Calls, procedure: Procedure) -> Any:
    return read_input(procedure, calls.inputs.of(call.index))


def _procedure(call: Call, method: str) -> Procedure:
    if call.procedure is None:
        told = "this path" if call.told_path is None else f'path "{call.told_path}"'
        raise TRPCError("NOT_FOUND", f"No procedure found on {told}")
    if not accepts(call.procedure.kind, method):
        message = f'Unsupported {method}-request to {call.procedure.kind} procedure at path "{call.path}"'
        raise TRPCError("METHOD_NOT_SUPPORTED", message)
    return call.procedure
