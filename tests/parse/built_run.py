"""Histories of built runs, written by hand as the interpreter's protocol says."""

import json
from collections.abc import Mapping, Sequence

from temporalio.api.common.v1 import ActivityType, Payload, Payloads, RetryPolicy, WorkflowType
from temporalio.api.enums.v1 import RetryState
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.events import event

from watchglass.model.journal import MEMO_JOURNAL, MEMO_RUN, READ_GRAPH

BUILT = {"workflowId": "01890000-0000-7000-8000-000000000001", "version": 3}
THREE_TIMES = {"strategy": "fail_after", "maximumAttempts": 3}


def payload(value: object) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())


def encrypted() -> Payload:
    return Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\x01")


class Written:
    """A history that grows by what a built run does."""

    def __init__(self, memo: object = BUILT, *, workflow_id: str = "order-1", after: str = "") -> None:
        """`after`: the run that carried on as this one."""
        self.events: list[HistoryEvent] = []
        self.workflow_id = workflow_id
        started = self._add(
            "WORKFLOW_EXECUTION_STARTED",
            workflow_id=workflow_id,
            workflow_type=WorkflowType(name="Order"),
            continued_execution_run_id=after,
        )
        if memo is not None:
            fields = started.workflow_execution_started_event_attributes.memo.fields
            fields[MEMO_RUN].CopyFrom(memo if isinstance(memo, Payload) else payload(memo))

    def _add(self, kind: str, **attributes: object) -> HistoryEvent:
        made = event(len(self.events) + 1, kind, **attributes)
        self.events.append(made)
        return made

    def graph(self, *nodes: Mapping[str, object], as_payload: Payload | None = None) -> "Written":
        head = self._add("ACTIVITY_TASK_SCHEDULED", activity_id=READ_GRAPH, activity_type=ActivityType(name=READ_GRAPH))
        self._add("ACTIVITY_TASK_STARTED", scheduled_event_id=head.event_id, attempt=1)
        result = as_payload or payload({"name": "Order", "nodes": list(nodes), "edges": []})
        self._add("ACTIVITY_TASK_COMPLETED", scheduled_event_id=head.event_id, result=Payloads(payloads=[result]))
        return self

    def activity(
        self,
        activity_id: str,
        *,
        attempt: int = 1,
        maximum_attempts: int = 3,
        coefficient: float = 1,
        error: str = "",
        fails: bool = False,
    ) -> "Written":
        policy = RetryPolicy(backoff_coefficient=coefficient, maximum_attempts=maximum_attempts)
        policy.initial_interval.seconds, policy.maximum_interval.seconds = 1, 100
        head = self._add(
            "ACTIVITY_TASK_SCHEDULED",
            activity_id=activity_id,
            activity_type=ActivityType(name="charge"),
            retry_policy=policy,
        )
        failure = Failure(message="no", application_failure_info=ApplicationFailureInfo(type=error or "Refused"))
        begun = self._add("ACTIVITY_TASK_STARTED", scheduled_event_id=head.event_id, attempt=attempt)
        if attempt > 1:
            begun.activity_task_started_event_attributes.last_failure.CopyFrom(failure)
        if fails:
            self._add(
                "ACTIVITY_TASK_FAILED",
                scheduled_event_id=head.event_id,
                failure=failure,
                retry_state=RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED,
            )
        else:
            self._add("ACTIVITY_TASK_COMPLETED", scheduled_event_id=head.event_id)
        return self

    def journal(self, *entries: object, as_payload: Payload | None = None) -> "Written":
        made = self._add("WORKFLOW_PROPERTIES_MODIFIED")
        fields = made.workflow_properties_modified_event_attributes.upserted_memo.fields
        fields[MEMO_JOURNAL].CopyFrom(as_payload or payload(list(entries)))
        return self

    def begun(self, activity_id: str) -> "Written":
        """An activity that a worker has and has not ended."""
        head = self._add("ACTIVITY_TASK_SCHEDULED", activity_id=activity_id, activity_type=ActivityType(name="charge"))
        self._add("ACTIVITY_TASK_STARTED", scheduled_event_id=head.event_id, attempt=1)
        return self

    def timer(self, place: str, *, fires: bool = True) -> "Written":
        head = self._add("TIMER_STARTED", timer_id=str(len(self.events)))
        head.user_metadata.summary.CopyFrom(payload(place))
        if fires:
            self._add("TIMER_FIRED", started_event_id=head.event_id)
        return self

    def tasks(self) -> "Written":
        """A workflow task, so that the run has begun."""
        scheduled = self._add("WORKFLOW_TASK_SCHEDULED")
        started = self._add("WORKFLOW_TASK_STARTED", scheduled_event_id=scheduled.event_id)
        self._add("WORKFLOW_TASK_COMPLETED", scheduled_event_id=scheduled.event_id, started_event_id=started.event_id)
        return self

    def completed(self) -> "Written":
        self._add("WORKFLOW_EXECUTION_COMPLETED")
        return self

    def carried_on(self, run_id: str) -> "Written":
        self._add("WORKFLOW_EXECUTION_CONTINUED_AS_NEW", new_execution_run_id=run_id)
        return self

    def failed(self, activity_id: str | None = None) -> "Written":
        """By a step, or by itself."""
        failure = Failure(message="no", application_failure_info=ApplicationFailureInfo(type="Refused"))
        if activity_id is not None:
            head = next(
                one for one in self.events if one.activity_task_scheduled_event_attributes.activity_id == activity_id
            )
            outer = Failure(message="Activity task failed", cause=failure)
            outer.activity_failure_info.scheduled_event_id = head.event_id
            outer.activity_failure_info.activity_id = activity_id
            failure = outer
        self._add("WORKFLOW_EXECUTION_FAILED", failure=failure)
        return self


def node(
    node_id: str, *, retry: object = None, errors: Sequence[str] = (), kind: str = "activity"
) -> dict[str, object]:
    return {"id": node_id, "kind": kind, "component": "charge", "retry": retry, "nonRetryableErrors": list(errors)}


def entry(node_id: str, state: str = "completed", **more: object) -> dict[str, object]:
    return {"node": node_id, "state": state, "at": "2026-11-23T01:02:03.000004Z", **more}
