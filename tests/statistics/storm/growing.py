"""A run that is told: how much of it has happened, and what Temporal says of it by then."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import EventType, PendingActivityState, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from tests.statistics.storm.recorded import Told

from watchglass.parse.trailing import durable_prefix

_CLOSES = frozenset(
    number
    for name, number in EventType.items()
    if name.startswith("EVENT_TYPE_WORKFLOW_EXECUTION_")
    and name.rpartition("_EXECUTION_")[2]
    in {"COMPLETED", "FAILED", "TIMED_OUT", "CANCELED", "TERMINATED", "CONTINUED_AS_NEW"}
)
_ACTIVITY_ENDS = frozenset(
    (
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
    )
)
_OF_THE_MOMENT = ("pending_activities", "pending_children", "pending_nexus_operations", "pending_workflow_task")


@dataclass
class Run:
    """One that is told; `shown` of its events have happened."""

    told: Told
    shown: int
    is_gone: bool = False

    @property
    def is_closed(self) -> bool:
        return self.told.events[self.shown - 1].event_type in _CLOSES

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it."""
        return self.is_gone or self.shown == len(self.told.events)

    @property
    def happened(self) -> list[HistoryEvent]:
        return self.told.events[: self.shown]

    @property
    def kept(self) -> list[HistoryEvent]:
        """What a copy has of it."""
        return list(durable_prefix(self.happened))

    def info(self) -> WorkflowExecutionInfo:
        info = WorkflowExecutionInfo()
        info.CopyFrom(self.told.described.workflow_execution_info)
        info.history_length = self.shown
        if self.is_closed:
            info.close_time.CopyFrom(self.told.events[self.shown - 1].event_time)
        elif self.shown < len(self.told.events):
            info.status = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
            info.ClearField("close_time")
        return info

    def describe(self) -> DescribeWorkflowExecutionResponse:
        answer = DescribeWorkflowExecutionResponse()
        answer.CopyFrom(self.told.described)
        answer.workflow_execution_info.CopyFrom(self.info())
        if self.shown < len(self.told.events):
            for name in _OF_THE_MOMENT:
                answer.ClearField(name)  # type: ignore[arg-type]
            self._add_pending(answer)
        return answer

    def _add_pending(self, answer: DescribeWorkflowExecutionResponse) -> None:
        ended = {
            getattr(event, str(event.WhichOneof("attributes"))).scheduled_event_id
            for event in self.happened
            if event.event_type in _ACTIVITY_ENDS
        }
        for event in self.happened:
            if event.event_type != EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED or event.event_id in ended:
                continue
            scheduled = event.activity_task_scheduled_event_attributes
            pending = answer.pending_activities.add(
                activity_id=scheduled.activity_id,
                activity_type=scheduled.activity_type,
                state=PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
                attempt=1,
            )
            pending.scheduled_time.CopyFrom(event.event_time)
            pending.last_started_time.CopyFrom(event.event_time)

    def replace_end(self, first: int, version: int, later: timedelta) -> None:
        """Make the events from the index `first` on other ones, of another cluster and that much later."""
        for event in self.told.events[first:]:
            event.version = version
            event.event_time.FromNanoseconds(
                event.event_time.ToNanoseconds() + later // timedelta(microseconds=1) * 1000
            )
