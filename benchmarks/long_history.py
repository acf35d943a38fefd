"""A history of 50,000 events, made here: executing one takes minutes, and the server stops runs at 51,200 events.

It is the history of the benchmark's own workflow with as many activities, five under way at a time, and it is stored
through the same door as one that was read from Temporal.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.converter import DefaultPayloadConverter

from benchmarks.load import QUEUE, line
from watchglass.model.connection import Connection
from watchglass.model.execution import RunRef
from watchglass.parse.describe import parse_described
from watchglass.parse.history import parse_history
from watchglass.store.history_pages import pack_events
from watchglass.store.sync_states import ExecutionKey, mark_present, read_state
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun
from watchglass.sync.save import save_runs

EVENTS = 50_000
_TOGETHER = 5
_IDENTITY = "worker@benchmark"
_STEP = timedelta(milliseconds=3)


async def store_long_history(parts: Parts, connection: Connection) -> ExecutionKey:
    """Store the run as a sync would have."""
    ref = RunRef("fifty-thousand-events", str(uuid4()))
    events = list(make_events(ref))
    described = replace(parse_described(described_of(ref, events)), described_at=time.time_ns() // 1000)
    [key] = await add_runs(parts, connection, [described])
    async with parts.store.write() as reader:
        state = await read_state(reader, key.id)
    assert state is not None
    execution = parse_history(events, ref=ref, described=described)
    await save_runs(parts.store, [ReadRun(state, connection, execution, pack_events(events), False, described, None)])
    async with parts.store.write() as writer:
        await mark_present(writer, key)  # Else it would be looked for where it never was, and found missing.
    return key


def described_of(ref: RunRef, events: list[HistoryEvent]) -> DescribeWorkflowExecutionResponse:
    info = WorkflowExecutionInfo(
        status=WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED, task_queue=QUEUE, history_length=len(events)
    )
    info.execution.workflow_id, info.execution.run_id = ref.workflow_id, ref.run_id
    info.type.name = "Lines"
    info.start_time.CopyFrom(events[0].event_time)
    info.close_time.CopyFrom(events[-1].event_time)
    return DescribeWorkflowExecutionResponse(workflow_execution_info=info)


def make_events(ref: RunRef, count: int = EVENTS, *, names: int = 1) -> Iterator[HistoryEvent]:
    """Exactly `count` events: rounds of activities of `names` types between workflow tasks, and markers."""
    began = datetime.now(UTC) - count * _STEP
    for number, event in enumerate(_untimed(ref, count, names), 1):
        event.event_id = number
        event.event_time.FromDatetime(began + number * _STEP)
        yield event


def _untimed(ref: RunRef, count: int, names: int) -> Iterator[HistoryEvent]:
    yield _started(ref)
    made, activities = 1, 0
    round_events = 3 + 3 * _TOGETHER
    while made + round_events < count:
        yield from _workflow_task(made + 1)
        yield from _round(made + 4, activities, names)
        made, activities = made + round_events, activities + _TOGETHER
    while made < count - 1:
        made += 1
        yield _marker()
    yield _completed()


def _started(ref: RunRef) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    attributes = event.workflow_execution_started_event_attributes
    attributes.workflow_type.name = "Lines"
    attributes.task_queue.name = QUEUE
    attributes.workflow_id = ref.workflow_id
    attributes.original_execution_run_id = attributes.first_execution_run_id = ref.run_id
    attributes.input.CopyFrom(_payloads(EVENTS // 3))
    attributes.attempt = 1
    return event


def _workflow_task(first: int) -> Iterator[HistoryEvent]:
    scheduled = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
    scheduled.workflow_task_scheduled_event_attributes.task_queue.name = QUEUE
    yield scheduled
    started = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED)
    started.workflow_task_started_event_attributes.scheduled_event_id = first
    started.workflow_task_started_event_attributes.identity = _IDENTITY
    yield started
    completed = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    completed.workflow_task_completed_event_attributes.scheduled_event_id = first
    completed.workflow_task_completed_event_attributes.started_event_id = first + 1
    completed.workflow_task_completed_event_attributes.identity = _IDENTITY
    yield completed


def _round(first: int, number: int, names: int) -> Iterator[HistoryEvent]:
    """Activities that are scheduled together, from event id `first`, and then executed one after the other."""
    for at in range(_TOGETHER):
        yield _scheduled(number + at, names, task=first - 1)
    for at in range(_TOGETHER):
        yield _activity_started(first + at)
        yield _activity_completed(first + at, first + _TOGETHER + 2 * at, number + at)


def _scheduled(number: int, names: int, *, task: int) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    attributes = event.activity_task_scheduled_event_attributes
    attributes.activity_id = str(number + 1)
    attributes.activity_type.name = f"add_line_{number % names}" if names > 1 else "add_line"
    attributes.task_queue.name = QUEUE
    attributes.input.CopyFrom(_payloads(number))
    attributes.workflow_task_completed_event_id = task
    attributes.start_to_close_timeout.FromTimedelta(timedelta(minutes=1))
    attributes.retry_policy.initial_interval.FromTimedelta(timedelta(seconds=1))
    attributes.retry_policy.backoff_coefficient = 2
    attributes.retry_policy.maximum_interval.FromTimedelta(timedelta(seconds=100))
    return event


def _activity_started(scheduled: int) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
    attributes = event.activity_task_started_event_attributes
    attributes.scheduled_event_id = scheduled
    attributes.identity = _IDENTITY
    attributes.attempt = 1
    return event


def _activity_completed(scheduled: int, started: int, number: int) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
    attributes = event.activity_task_completed_event_attributes
    attributes.scheduled_event_id = scheduled
    attributes.started_event_id = started
    attributes.identity = _IDENTITY
    attributes.result.CopyFrom(_payloads(line(number)))
    return event


def _marker() -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_MARKER_RECORDED)
    event.marker_recorded_event_attributes.marker_name = "filled-up"
    return event


def _completed() -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
    event.workflow_execution_completed_event_attributes.result.CopyFrom(_payloads(EVENTS // 3))
    return event


def _payloads(value: object) -> Payloads:
    return Payloads(payloads=DefaultPayloadConverter().to_payloads([value]))
