"""Hostile values put into a real Temporal: into every field of a history that its frontend lets somebody write.

Written through the bare gRPC service, and workflow and activity tasks are answered by hand: an SDK refuses, or makes
better, much of what another worker may send.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.command.v1 import (
    Command,
    CompleteWorkflowExecutionCommandAttributes,
    FailWorkflowExecutionCommandAttributes,
    ModifyWorkflowPropertiesCommandAttributes,
    RecordMarkerCommandAttributes,
    RequestCancelExternalWorkflowExecutionCommandAttributes,
    ScheduleActivityTaskCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes,
    StartChildWorkflowExecutionCommandAttributes,
    StartTimerCommandAttributes,
    UpsertWorkflowSearchAttributesCommandAttributes,
)
from temporalio.api.common.v1 import (
    ActivityType,
    Header,
    Memo,
    Payload,
    Payloads,
    RetryPolicy,
    SearchAttributes,
    WorkflowExecution,
    WorkflowType,
)
from temporalio.api.enums.v1 import CommandType, IndexedValueType
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.schedule.v1 import Schedule, ScheduleAction, ScheduleSpec, ScheduleState
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import NewWorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CreateScheduleRequest,
    PollActivityTaskQueueRequest,
    PollActivityTaskQueueResponse,
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RecordActivityTaskHeartbeatRequest,
    RespondActivityTaskCompletedRequest,
    RespondActivityTaskFailedRequest,
    RespondWorkflowTaskCompletedRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from tests.hostile.payloads import text_payload
from tests.hostile.up import truth

_AT_ONCE = 16
MINUTES = Duration(seconds=600)
SEARCHED = ("HostileWord", "HostileText", "HostileWords")
POLL = timedelta(seconds=70)
"""Longer than the server holds one: a task that was given to nobody would be lost until its timeout."""
_REFUSALS = frozenset(
    {RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.INTERNAL, RPCStatusCode.UNKNOWN, RPCStatusCode.ALREADY_EXISTS}
)
_PASSING = frozenset({RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.UNAVAILABLE})
_BUSY_SECONDS = 120
_CAUSES = 3
"""Links of a chain, each with the text."""

Answered = TypeVar("Answered")


@dataclass
class Planted:
    """What Temporal took, and what it did not."""

    runs: list[WorkflowExecution] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Fields of which Temporal itself does not take some values, and which."""

    def refuse(self, name: str, text: str) -> None:
        self.refused.setdefault(name, []).append(text)


@dataclass(frozen=True)
class Planter:
    """Writes into one namespace."""

    client: Client
    planted: Planted = field(default_factory=Planted)

    async def declare(self) -> None:
        """Make the search attributes that hold texts."""
        kinds = IndexedValueType
        await self.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=self.client.namespace,
                search_attributes={
                    "HostileWord": kinds.INDEXED_VALUE_TYPE_KEYWORD,
                    "HostileText": kinds.INDEXED_VALUE_TYPE_TEXT,
                    "HostileWords": kinds.INDEXED_VALUE_TYPE_KEYWORD_LIST,
                },
            )
        )

    async def plant_each(self, texts: Iterable[str]) -> None:
        """A run for every text, which stands in each field of its start, in a signal and in its end."""
        await _all(self._plant_one(text) for text in dict.fromkeys(texts))

    async def _plant_one(self, text: str) -> None:
        execution = await self._start(text)
        if execution is None:
            return
        self.planted.runs.append(execution)
        service, namespace = self.client.workflow_service, self.client.namespace
        value = Payloads(payloads=[text_payload(text)])
        async with self.taken("signal", text):
            await steadily(
                service.signal_workflow_execution,
                SignalWorkflowExecutionRequest(
                    namespace=namespace,
                    workflow_execution=execution,
                    signal_name=text,
                    input=value,
                    identity=text,
                    header=_header(text),
                ),
            )
        async with self.taken("reason", text):
            await steadily(
                service.terminate_workflow_execution,
                TerminateWorkflowExecutionRequest(
                    namespace=namespace, workflow_execution=execution, reason=text, details=value, identity=text
                ),
            )

    async def _start(self, text: str) -> WorkflowExecution | None:
        request = StartWorkflowExecutionRequest(
            namespace=self.client.namespace,
            workflow_id=text,
            workflow_type=WorkflowType(name=text),
            task_queue=TaskQueue(name=text),
            input=Payloads(payloads=[text_payload(text), text_payload(text)]),
            identity=text,
            request_id=str(uuid4()),
            memo=Memo(fields={text: text_payload(text)}),
            header=_header(text),
            search_attributes=_searched(text),
            user_metadata=_said(text),
        )
        fallbacks: tuple[tuple[str, Callable[[], object]], ...] = (
            ("search attribute", lambda: request.ClearField("search_attributes")),
            ("summary", lambda: request.ClearField("user_metadata")),
            ("task queue", lambda: request.task_queue.CopyFrom(TaskQueue(name="hostile"))),
        )
        for name, give_up in (*fallbacks, ("workflow id or type", lambda: None)):
            try:
                answer = await steadily(self.client.workflow_service.start_workflow_execution, request)
            except RPCError as error:
                must_be_refusal(error)
                self.planted.refuse(name, text)
                give_up()
                continue
            return WorkflowExecution(workflow_id=text, run_id=answer.run_id)
        return None

    async def plant_steps(self, texts: Sequence[str], payloads: Mapping[str, Payload]) -> WorkflowExecution:
        """One run with a step of every kind for each text, and an activity that takes and gives each payload."""
        queue = f"hostile-{uuid4().hex[:8]}"
        execution = await self.start(f"steps-{queue}", queue, input=Payloads(payloads=payloads.values()))
        self.planted.runs.append(execution)
        commands = [command for text in dict.fromkeys(texts) if text for command in _steps(text, queue)]
        commands += [activity(f"payload {name}", "Echo", queue, value) for name, value in payloads.items()]
        await self.decide(queue, commands)
        activities = sum(c.HasField("schedule_activity_task_command_attributes") for c in commands)
        by_name = {f"payload {name}": value for name, value in payloads.items()}
        await _all(self._act(queue, by_name) for _ in range(activities))
        await self.decide(queue, [fail(chain_of_causes(texts[0], text_payload(texts[0])))])
        return execution

    async def start(self, workflow_id: str, queue: str, **more: Any) -> WorkflowExecution:
        """A run that waits for what is answered for it on its queue."""
        answer = await steadily(
            self.client.workflow_service.start_workflow_execution,
            StartWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_id=workflow_id,
                workflow_type=WorkflowType(name="Hostile"),
                task_queue=TaskQueue(name=queue),
                request_id=str(uuid4()),
                **more,
            ),
        )
        return WorkflowExecution(workflow_id=workflow_id, run_id=answer.run_id)

    async def plant_kept(self, values: Mapping[str, Payload]) -> None:
        """A run with every value as a memo and a header, and as what a search attribute is."""
        await _all(self._plant_kept(name, value) for name, value in values.items())

    async def _plant_kept(self, name: str, value: Payload) -> None:
        queue = f"hostile-{uuid4().hex[:8]}"
        fields = {
            "search attribute's value": {"search_attributes": SearchAttributes(indexed_fields={SEARCHED[0]: value})},
            "memo": {"memo": Memo(fields={name: value})},
            "header": {"header": Header(fields={name: value})},
        }
        while fields:
            more = {what: field for one in fields.values() for what, field in one.items()}
            try:
                execution = await self.start(f"kept-{queue}", queue, **more)
            except RPCError as error:
                must_be_refusal(error)
                # The first is what Temporal looks at most; what is left is tried without it.
                refused = next(iter(fields))
                self.planted.refuse(refused, name)
                del fields[refused]
                continue
            self.planted.runs.append(execution)
            async with self.taken("failure's details", name):
                await self.decide(queue, [fail(chain_of_causes(name, value))])
            return

    async def plant_values(self, values: Mapping[str, Payload]) -> None:
        """A run for each value, too large to stand beside others, which it takes and gives back."""
        await _all(self._plant_value(value) for value in values.values())

    async def _plant_value(self, value: Payload) -> None:
        queue = f"hostile-{uuid4().hex[:8]}"
        self.planted.runs.append(await self.start(f"value-{queue}", queue, input=Payloads(payloads=[value])))
        given = CompleteWorkflowExecutionCommandAttributes(result=Payloads(payloads=[value]))
        await self.decide(
            queue,
            [
                Command(
                    command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
                    complete_workflow_execution_command_attributes=given,
                )
            ],
        )

    async def plant_schedules(self, texts: Iterable[str]) -> None:
        """A paused schedule for every text, which stands in its id, its notes, its memo and its action."""
        await _all(self._plant_schedule(text) for text in texts)

    async def _plant_schedule(self, text: str) -> None:
        action = NewWorkflowExecutionInfo(
            workflow_id=text,
            workflow_type=WorkflowType(name=text),
            task_queue=TaskQueue(name="hostile"),
            input=Payloads(payloads=[text_payload(text)]),
            user_metadata=_said(text),
        )
        async with self.taken("schedule", text):
            await steadily(
                self.client.workflow_service.create_schedule,
                CreateScheduleRequest(
                    namespace=self.client.namespace,
                    schedule_id=text,
                    schedule=Schedule(
                        spec=ScheduleSpec(cron_string=["0 0 1 1 *"]),
                        action=ScheduleAction(start_workflow=action),
                        state=ScheduleState(paused=True, notes=text),
                    ),
                    identity=text,
                    request_id=str(uuid4()),
                    memo=Memo(fields={text: text_payload(text)}),
                ),
            )

    async def tell(self, execution: WorkflowExecution, name: str) -> None:
        """A signal, of which the run hears by a workflow task."""
        await steadily(
            self.client.workflow_service.signal_workflow_execution,
            SignalWorkflowExecutionRequest(
                namespace=self.client.namespace, workflow_execution=execution, signal_name=name
            ),
        )

    async def decide(self, queue: str, commands: Sequence[Command]) -> None:
        """Answer the run's next workflow task."""
        service, namespace = self.client.workflow_service, self.client.namespace
        while True:
            task = PollWorkflowTaskQueueResponse()
            while not task.task_token:
                with unless_given_up():
                    task = await service.poll_workflow_task_queue(
                        PollWorkflowTaskQueueRequest(
                            namespace=namespace, task_queue=TaskQueue(name=queue), identity=queue
                        ),
                        timeout=POLL,
                    )
            try:
                await service.respond_workflow_task_completed(
                    RespondWorkflowTaskCompletedRequest(
                        namespace=namespace, task_token=task.task_token, commands=commands, identity=queue
                    )
                )
            except RPCError as error:
                # Something happened in between: the run cannot end before it has heard of it. Or the answer came too
                # late on a busy machine: it is asked for again.
                late = error.status is RPCStatusCode.NOT_FOUND or _is_passing(error)
                if error.message != "UnhandledCommand" and not late:
                    raise
                if late and await self._was_answered(task):
                    return
            else:
                return

    async def _was_answered(self, task: PollWorkflowTaskQueueResponse) -> bool:
        """Was the answer taken, though Temporal did not say so?"""
        return any(
            event.workflow_task_completed_event_attributes.started_event_id == task.started_event_id
            for event in await truth(self.client, task.workflow_execution)
        )

    async def _act(self, queue: str, payloads: Mapping[str, Payload]) -> None:
        """Do one activity: give a payload back, fail with a text, or with a payload as the failure's details."""
        is_done = False
        while not is_done:
            task = await self._next_activity(queue)
            try:
                await self._end_activity(task, payloads)
            except RPCError as error:
                # On a busy machine its time may be over, and it is given out again.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                is_done = True

    async def _next_activity(self, queue: str) -> PollActivityTaskQueueResponse:
        service, namespace = self.client.workflow_service, self.client.namespace
        task = PollActivityTaskQueueResponse()
        while not task.task_token:
            # A poll that a busy server gives up is one without a task.
            with unless_given_up():
                task = await service.poll_activity_task_queue(
                    PollActivityTaskQueueRequest(namespace=namespace, task_queue=TaskQueue(name=queue), identity=queue),
                    timeout=POLL,
                )
        return task

    async def _end_activity(self, task: PollActivityTaskQueueResponse, payloads: Mapping[str, Payload]) -> None:
        service, namespace = self.client.workflow_service, self.client.namespace
        name = task.activity_id
        value = payloads.get(name)
        if value is None:
            async with self.taken("heartbeat", name):
                await steadily(
                    service.record_activity_task_heartbeat,
                    RecordActivityTaskHeartbeatRequest(
                        namespace=namespace,
                        task_token=task.task_token,
                        details=Payloads(payloads=[text_payload(name)]),
                        identity=name,
                    ),
                )
            await steadily(
                service.respond_activity_task_failed,
                RespondActivityTaskFailedRequest(
                    namespace=namespace,
                    task_token=task.task_token,
                    failure=chain_of_causes(name, text_payload(name)),
                    identity=name,
                ),
            )
            return
        await steadily(
            service.respond_activity_task_completed,
            RespondActivityTaskCompletedRequest(
                namespace=namespace, task_token=task.task_token, result=Payloads(payloads=[value]), identity=name
            ),
        )

    @asynccontextmanager
    async def taken(self, name: str, text: str) -> AsyncIterator[None]:
        """What Temporal refuses to take is counted, not a failure of ours."""
        try:
            yield
        except RPCError as error:
            must_be_refusal(error)
            self.planted.refuse(name, text)


def fail(failure: Failure) -> Command:
    """The command that ends a run with it."""
    return Command(
        command_type=CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
        fail_workflow_execution_command_attributes=FailWorkflowExecutionCommandAttributes(failure=failure),
    )


@contextmanager
def unless_given_up() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if not _is_passing(error):
            raise


def _is_passing(error: RPCError) -> bool:
    """Is it the machine that is busy? Temporal then even forgets for a moment which namespaces there are."""
    return error.status in _PASSING or (
        error.status is RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace ")
    )


async def steadily(rpc: Callable[[Any], Awaitable[Answered]], request: object) -> Answered:
    """What Temporal answers, asked for again while it is too busy to. Each request of ours may be made twice."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return await rpc(request)
        except RPCError as error:
            if not _is_passing(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(1)


async def _all(work: Iterable[Awaitable[None]]) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(one: Awaitable[None]) -> None:
        async with turns:
            await one

    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(in_turn(one))


def must_be_refusal(error: RPCError) -> None:
    if error.status not in _REFUSALS:
        raise error


def prefixed(prefix: str, text: str) -> str:
    """An id of its own; the start of the text where the whole would be longer than an id may be."""
    return (prefix + text).encode()[:1000].decode("utf-8", "ignore")


def _header(text: str) -> Header:
    return Header(fields={text: text_payload(text)})


def _said(text: str) -> UserMetadata:
    return UserMetadata(summary=text_payload(text[:100]), details=text_payload(text))


def _searched(text: str) -> SearchAttributes:
    word = Payload(metadata={"type": b"Keyword"})
    word.MergeFrom(text_payload(text[:200]))
    long = Payload(metadata={"type": b"Text"})
    long.MergeFrom(text_payload(text))
    words = Payload(metadata={"type": b"KeywordList"})
    words.MergeFrom(text_payload(text[:200]))
    words.data = b"[" + words.data + b"]"
    return SearchAttributes(indexed_fields=dict(zip(SEARCHED, (word, long, words), strict=True)))


def chain_of_causes(text: str, details: Payload) -> Failure:
    """A chain of causes, with the text in every field."""
    failure: Failure | None = None
    for _ in range(_CAUSES):
        failure = Failure(
            message=text,
            source=text,
            stack_trace=text,
            cause=failure,
            application_failure_info=ApplicationFailureInfo(
                type=text, non_retryable=True, details=Payloads(payloads=[details])
            ),
        )
    assert failure is not None
    return failure


def activity(activity_id: str, kind: str, queue: str, value: Payload) -> Command:
    attributes = ScheduleActivityTaskCommandAttributes(
        activity_id=activity_id,
        activity_type=ActivityType(name=kind),
        task_queue=TaskQueue(name=queue),
        header=Header(fields={activity_id: value}) if len(value.data) < 1000 else None,
        input=Payloads(payloads=[value]),
        schedule_to_close_timeout=MINUTES,
        # A task whose poll was given up on its way is given out again.
        start_to_close_timeout=Duration(seconds=30),
        retry_policy=RetryPolicy(maximum_attempts=5),
    )
    return Command(
        command_type=CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
        schedule_activity_task_command_attributes=attributes,
        user_metadata=UserMetadata(summary=text_payload(activity_id[:100])),
    )


def _steps(text: str, queue: str) -> list[Command]:
    """A step of every kind that has a text of its own."""
    value = text_payload(text)
    kinds = CommandType
    elsewhere = WorkflowExecution(workflow_id=text)
    return [
        activity(text, text, queue, value),
        Command(
            command_type=kinds.COMMAND_TYPE_START_TIMER,
            start_timer_command_attributes=StartTimerCommandAttributes(timer_id=text, start_to_fire_timeout=MINUTES),
            user_metadata=UserMetadata(summary=text_payload(text[:100])),
        ),
        Command(
            command_type=kinds.COMMAND_TYPE_RECORD_MARKER,
            record_marker_command_attributes=RecordMarkerCommandAttributes(
                marker_name=text,
                details={text: Payloads(payloads=[value])},
                header=_header(text),
                failure=chain_of_causes(text, value),
            ),
        ),
        Command(
            command_type=kinds.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
            signal_external_workflow_execution_command_attributes=SignalExternalWorkflowExecutionCommandAttributes(
                execution=elsewhere, signal_name=text, input=Payloads(payloads=[value]), header=_header(text)
            ),
        ),
        Command(
            command_type=kinds.COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
            request_cancel_external_workflow_execution_command_attributes=(
                RequestCancelExternalWorkflowExecutionCommandAttributes(workflow_id=prefixed("no ", text), reason=text)
            ),
        ),
        Command(
            command_type=kinds.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION,
            start_child_workflow_execution_command_attributes=StartChildWorkflowExecutionCommandAttributes(
                workflow_id=prefixed("child ", text),
                workflow_type=WorkflowType(name=text),
                task_queue=TaskQueue(name="nobody"),
                input=Payloads(payloads=[value]),
                header=_header(text),
                memo=Memo(fields={text: value}),
            ),
        ),
        Command(
            command_type=kinds.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
            modify_workflow_properties_command_attributes=ModifyWorkflowPropertiesCommandAttributes(
                upserted_memo=Memo(fields={text: value})
            ),
        ),
        *(
            [
                Command(
                    command_type=kinds.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
                    upsert_workflow_search_attributes_command_attributes=UpsertWorkflowSearchAttributesCommandAttributes(
                        search_attributes=_searched(text)
                    ),
                )
            ]
            if len(text) < 200
            else []
        ),
    ]
