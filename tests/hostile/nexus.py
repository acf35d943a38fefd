"""Hostile values as Nexus operations: endpoint, service, name, header and input, and all that a handler answers."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from temporalio.api.command.v1 import (
    Command,
    ScheduleNexusOperationCommandAttributes,
)
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import CommandType, EventType, NexusHandlerErrorRetryBehavior
from temporalio.api.nexus.v1 import (
    EndpointSpec,
    EndpointTarget,
    Failure,
    HandlerError,
    Link,
    Response,
    StartOperationResponse,
    UnsuccessfulOperationError,
)
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollNexusTaskQueueRequest,
    PollNexusTaskQueueResponse,
    RespondNexusTaskCompletedRequest,
    RespondNexusTaskFailedRequest,
)
from temporalio.service import RPCError, RPCStatusCode
from tests.hostile.payloads import text_payload
from tests.hostile.planting import (
    MINUTES,
    POLL,
    Planter,
    chain_of_causes,
    fail,
    must_be_refusal,
    prefixed,
    steadily,
    unless_given_up,
)
from tests.hostile.up import truth

Answer = Callable[[str], Response | HandlerError]
_AT_ONCE = 8
"""Runs that are planted at the same time."""
_HANDLERS = 2
_PATIENCE_SECONDS = 5
_ANSWERED = frozenset(
    {
        EventType.EVENT_TYPE_NEXUS_OPERATION_STARTED,
        EventType.EVENT_TYPE_NEXUS_OPERATION_COMPLETED,
        EventType.EVENT_TYPE_NEXUS_OPERATION_FAILED,
        EventType.EVENT_TYPE_NEXUS_OPERATION_TIMED_OUT,
    }
)


def _failure(text: str) -> Failure:
    return Failure(message=text, stack_trace=text, metadata={text: text}, details=text_payload(text).data)


def _given(text: str) -> Response:
    links = [Link(url=text, type=text)]
    sync = StartOperationResponse.Sync(payload=text_payload(text), links=links)
    return Response(start_operation=StartOperationResponse(sync_success=sync))


def _begun(text: str) -> Response:
    begun = StartOperationResponse.Async(operation_token=text, links=[Link(url=text, type=text)])
    return Response(start_operation=StartOperationResponse(async_success=begun))


def _failed(text: str) -> Response:
    error = UnsuccessfulOperationError(operation_state="failed", failure=_failure(text))
    return Response(start_operation=StartOperationResponse(operation_error=error))


def _refused(text: str) -> HandlerError:
    never = NexusHandlerErrorRetryBehavior.NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_NON_RETRYABLE
    return HandlerError(error_type=text or "BAD_REQUEST", failure=_failure(text), retry_behavior=never)


_ANSWERS: Sequence[Answer] = (_given, _begun, _failed, _refused)
MOST_OF_A_RUN = 6
"""Texts; Temporal lets thirty operations of a run be open, and each text makes one for every kind of answer."""


@dataclass
class Operations:
    """An endpoint, whose handler answers with what it was called by."""

    planter: Planter
    endpoint: str
    queue: str
    nobody: str = ""
    """An endpoint that is never answered for."""

    @classmethod
    async def made(cls, planter: Planter) -> "Operations":
        made = cls(planter, f"hostile-{uuid4().hex[:8]}", f"hostile-nexus-{uuid4().hex[:8]}")
        await made.name(made.endpoint, text_payload("hostile"))
        return made

    async def name(self, name: str, description: Payload) -> None:
        """Make an endpoint of that name. Raises RPCError when Temporal does not take it."""
        target = EndpointTarget.Worker(namespace=self.planter.client.namespace, task_queue=self.queue)
        spec = EndpointSpec(name=name, description=description, target=EndpointTarget(worker=target))
        await self.planter.client.operator_service.create_nexus_endpoint(
            CreateNexusEndpointRequest(spec=spec), retry=True
        )

    async def plant(self, texts: Sequence[str]) -> None:
        """Endpoints of every name, and operations in runs of a few texts each."""
        for text in texts:
            async with self.planter.taken("Nexus endpoint", text):
                await self.name(text, text_payload(text))
        turns = asyncio.Semaphore(_AT_ONCE)

        async def some(few: Sequence[str]) -> None:
            async with turns:
                await self._plant(few)

        async with asyncio.TaskGroup() as group:
            for start in range(0, len(texts), MOST_OF_A_RUN):
                group.create_task(some(texts[start : start + MOST_OF_A_RUN]))

    async def _plant(self, texts: Sequence[str]) -> None:
        """One run; where Temporal takes not all of its operations, two of half as many."""
        queue = f"hostile-{uuid4().hex[:8]}"
        execution = await self.planter.start(f"operations-{queue}", queue)
        endpoint = f"hostile-{queue[-8:]}"
        one = Operations(self.planter, endpoint, f"{self.queue}-{queue}", nobody=self.endpoint)
        await one.name(endpoint, text_payload(texts[0]))
        try:
            await self.planter.decide(queue, [command for text in texts for command in one._commands(text)])
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            await self._end(queue, execution, texts[0])
            if len(texts) == 1:
                self.planter.planted.refuse("Nexus operation", texts[0])
                return
            half = len(texts) // 2
            await self._plant(texts[:half])
            await self._plant(texts[half:])
            return
        handlers = [asyncio.create_task(one._handle()) for _ in range(_HANDLERS)]
        await self._until_answered(execution, len(texts) * len(_ANSWERS))
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
        await self._end(queue, execution, texts[0])

    async def _until_answered(self, execution: WorkflowExecution, count: int) -> None:
        """Wait for an answer to each operation; what Temporal tries again for longer stays open."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            events = await truth(self.planter.client, execution)
            if sum(event.event_type in _ANSWERED for event in events) >= count:
                return
            await asyncio.sleep(0.2)

    async def _end(self, queue: str, execution: WorkflowExecution, text: str) -> None:
        """It hears of its end by a signal: operations that stay open tell it nothing."""
        await self.planter.tell(execution, "end")
        await self.planter.decide(queue, [fail(chain_of_causes(text, text_payload(text)))])
        self.planter.planted.runs.append(execution)

    def _commands(self, text: str) -> list[Command]:
        """An operation for each kind of answer, and one with headers, that nobody answers.

        Temporal carries headers over HTTP, and calls an endpoint no more when too many of them were none to HTTP.
        """
        answered = [self._command(self.endpoint, prefixed(f"{kind} ", text), text) for kind in range(len(_ANSWERS))]
        with_headers = self._command(self.nobody, text, text)
        with_headers.schedule_nexus_operation_command_attributes.nexus_header[text] = text
        return [*answered, with_headers]

    @staticmethod
    def _command(endpoint: str, service: str, text: str) -> Command:
        attributes = ScheduleNexusOperationCommandAttributes(
            endpoint=endpoint,
            service=service,
            operation=text,
            input=text_payload(text),
            schedule_to_close_timeout=MINUTES,
        )
        return Command(
            command_type=CommandType.COMMAND_TYPE_SCHEDULE_NEXUS_OPERATION,
            schedule_nexus_operation_command_attributes=attributes,
        )

    async def _handle(self) -> None:
        while True:
            await self._answer()

    async def _answer(self) -> None:
        service, namespace = self.planter.client.workflow_service, self.planter.client.namespace
        task = PollNexusTaskQueueResponse()
        while not task.task_token:
            with unless_given_up():
                task = await service.poll_nexus_task_queue(
                    PollNexusTaskQueueRequest(
                        namespace=namespace, task_queue=TaskQueue(name=self.queue), identity=self.queue
                    ),
                    timeout=POLL,
                )
        asked = task.request.start_operation
        answer = _ANSWERS[int(asked.service.split(" ", 1)[0])](asked.operation)
        try:
            await self._respond(task.task_token, answer)
        except RPCError as error:
            must_be_refusal(error)
            self.planter.planted.refuse("Nexus answer", asked.operation)
            await self._respond(task.task_token, _failed("refused"))

    async def _respond(self, token: bytes, answer: Response | HandlerError) -> None:
        service, namespace = self.planter.client.workflow_service, self.planter.client.namespace
        if isinstance(answer, Response):
            await steadily(
                service.respond_nexus_task_completed,
                RespondNexusTaskCompletedRequest(namespace=namespace, task_token=token, response=answer),
            )
        else:
            await steadily(
                service.respond_nexus_task_failed,
                RespondNexusTaskFailedRequest(namespace=namespace, task_token=token, error=answer),
            )
