"""Try, one by one, every call that Watchglass needs of a namespace, and say of each what came of it.

| call | without it |
|---|---|
| GetSystemInfo, DescribeNamespace, ListWorkflowExecutions | nothing can be shown |
| DescribeWorkflowExecution, GetWorkflowExecutionHistory | runs are listed, but not their steps |
| the others | what their sentence says is missing |
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    DescribeScheduleRequest,
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    GetSystemInfoRequest,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryReverseRequest,
    ListSchedulesRequest,
    ListWorkflowExecutionsRequest,
)

from watchglass.errors import NotFound, Unavailable, WatchglassError
from watchglass.temporal.access import Access, CallKind
from watchglass.temporal.errors import NamespaceMissing, NotOffered, QuestionRefused, TemporalRefused
from watchglass.temporal.refused_query import refusal_sentence

LONGEST_SECONDS = 20.0
"""Somebody waits for the answer."""

Answer = TypeVar("Answer")


class Outcome(StrEnum):
    OK = "ok"
    REFUSED = "refused"
    """The credentials do not allow it, or the server finds fault with the question."""
    NOT_OFFERED = "not_offered"
    """The server does not know the call."""
    FAILED = "failed"
    """No answer."""
    NOT_TRIED = "not_tried"
    """There was nothing to try it on, or a call before it failed that it builds on."""


_BAD = (Outcome.REFUSED, Outcome.NOT_OFFERED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class TriedCall:
    call: str
    """Temporal's own name of it, as its roles and logs have it."""
    purpose: str
    is_needed: bool
    """Without it the namespace cannot be looked at; False: something smaller is missing."""
    outcome: Outcome
    message: str | None
    """What happened and what to do; None when it is all right."""
    took_ms: float | None


@dataclass(slots=True)
class Examination:
    calls: list[TriedCall] = field(default_factory=list)
    obstacle: str | None = None
    """Why the server cannot be reached at all."""
    server_version: str | None = None
    namespace_id: str | None = None
    retention_seconds: float | None = None
    run_count: int | None = None
    """Runs in scope, open and closed."""

    @property
    def is_good(self) -> bool:
        """Everything that is needed works, as far as it could be tried."""
        return self.problem is None

    @property
    def problem(self) -> str | None:
        """The first sentence about what is needed and does not work."""
        told = [tried.message for tried in self.calls if tried.is_needed and tried.outcome in _BAD]
        return self.obstacle or next((message for message in told if message), None)

    @property
    def round_trip_ms(self) -> float | None:
        """The quickest answer."""
        return min((tried.took_ms for tried in self.calls if tried.took_ms is not None), default=None)


async def examine(access: Access, *, scope: str, find_obstacle: Callable[[], Awaitable[str | None]]) -> Examination:
    """Try every call; never raises for what is wrong with the server or the credentials.

    `find_obstacle` is asked when the server cannot be reached at all.
    """
    trial = _Trial(access, scope, Examination(), find_obstacle)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await trial.run()
    except TimeoutError:
        trial.leave_out(f"Not tried, because the calls before it took {LONGEST_SECONDS:g} s together.")
    return trial.found


_NO_RUN = (
    "The namespace has no run in scope on which this could be tried. It will be tried by itself with the first one."
)
_BEFORE = "Not tried, because a call before it failed."


@dataclass(slots=True)
class _Trial:
    access: Access
    scope: str
    found: Examination
    find_obstacle: Callable[[], Awaitable[str | None]]

    async def run(self) -> None:
        steps: list[Callable[[], Awaitable[bool]]] = [self._server, self._namespace]
        for step in steps:
            if not await step():
                self.leave_out(_BEFORE)
                return
        run = await self._list()
        await self._count()
        await self._run_calls(run)
        await self._schedules()

    async def _server(self) -> bool:
        rpc = self.access.service.get_system_info
        info = await self._try("GetSystemInfo", CallKind.VISIBILITY, rpc, GetSystemInfoRequest())
        if info is not None:
            self.found.server_version = info.server_version or None
        elif self.found.calls[-1].outcome is Outcome.FAILED:
            self.found.obstacle = await self.find_obstacle() or self.found.calls[-1].message
            return False
        # Some gateways refuse this one call and allow the others.
        return True

    async def _namespace(self) -> bool:
        request = DescribeNamespaceRequest(namespace=self.access.namespace)
        rpc = self.access.service.describe_namespace
        answer = await self._try("DescribeNamespace", CallKind.VISIBILITY, rpc, request)
        if answer is not None:
            self.found.namespace_id = answer.namespace_info.id or None
            self.found.retention_seconds = float(answer.config.workflow_execution_retention_ttl.seconds)
        return answer is not None or self.found.calls[-1].outcome is not Outcome.FAILED

    async def _list(self) -> WorkflowExecutionInfo | None:
        request = ListWorkflowExecutionsRequest(namespace=self.access.namespace, query=self.scope, page_size=1)
        rpc = self.access.service.list_workflow_executions
        answer = await self._try("ListWorkflowExecutions", CallKind.VISIBILITY, rpc, request)
        return answer.executions[0] if answer is not None and answer.executions else None

    async def _count(self) -> None:
        query = f"({self.scope}) GROUP BY ExecutionStatus" if self.scope else "GROUP BY ExecutionStatus"
        request = CountWorkflowExecutionsRequest(namespace=self.access.namespace, query=query)
        rpc = self.access.service.count_workflow_executions
        answer = await self._try("CountWorkflowExecutions", CallKind.VISIBILITY, rpc, request)
        if answer is not None:
            self.found.run_count = answer.count

    async def _run_calls(self, run: WorkflowExecutionInfo | None) -> None:
        names = (
            "DescribeWorkflowExecution",
            "GetWorkflowExecutionHistory",
            "GetWorkflowExecutionHistoryReverse",
            "DescribeTaskQueue",
        )
        if run is None:
            listed = any(t.call == "ListWorkflowExecutions" and t.outcome is Outcome.OK for t in self.found.calls)
            for name in names:
                self._note(name, Outcome.NOT_TRIED, _NO_RUN if listed else _BEFORE)
            return
        service, namespace = self.access.service, self.access.namespace
        which = WorkflowExecution(workflow_id=run.execution.workflow_id, run_id=run.execution.run_id)
        describe = DescribeWorkflowExecutionRequest(namespace=namespace, execution=which)
        forward = GetWorkflowExecutionHistoryRequest(namespace=namespace, execution=which, maximum_page_size=1)
        reverse = GetWorkflowExecutionHistoryReverseRequest(namespace=namespace, execution=which, maximum_page_size=1)
        queue = DescribeTaskQueueRequest(namespace=namespace, task_queue=TaskQueue(name=run.task_queue))
        queue.task_queue_type = 1  # type: ignore[assignment]
        asked: tuple[tuple[Callable[..., Awaitable[Any]], Any], ...] = (
            (service.describe_workflow_execution, describe),
            (service.get_workflow_execution_history, forward),
            (service.get_workflow_execution_history_reverse, reverse),
            (service.describe_task_queue, queue),
        )
        for name, (rpc, request) in zip(names, asked, strict=True):
            await self._try(name, CallKind.HISTORY, rpc, request)

    async def _schedules(self) -> None:
        service, namespace = self.access.service, self.access.namespace
        request = ListSchedulesRequest(namespace=namespace, maximum_page_size=1)
        answer = await self._try("ListSchedules", CallKind.VISIBILITY, service.list_schedules, request)
        if answer is None:
            self._note("DescribeSchedule", Outcome.NOT_TRIED, _BEFORE)
        elif not answer.schedules:
            self._note(
                "DescribeSchedule", Outcome.NOT_TRIED, "The namespace has no schedule on which it could be tried."
            )
        else:
            schedule = DescribeScheduleRequest(namespace=namespace, schedule_id=answer.schedules[0].schedule_id)
            await self._try("DescribeSchedule", CallKind.HISTORY, service.describe_schedule, schedule)

    def leave_out(self, reason: str) -> None:
        """Note of every call that was not tried why."""
        tried = {tried.call for tried in self.found.calls}
        for name in _CALLS:
            if name not in tried:
                self._note(name, Outcome.NOT_TRIED, reason)

    async def _try(
        self, name: str, kind: CallKind, rpc: Callable[..., Awaitable[Answer]], request: object
    ) -> Answer | None:
        began = time.perf_counter()
        try:
            answer = await self.access.ask(kind, rpc, request, subject=_CALLS[name].subject)
        except WatchglassError as error:
            outcome, message = self._verdict(name, error)
            self._note(name, outcome, message, began)
            return None
        self._note(name, Outcome.OK, None, began)
        return answer

    def _verdict(self, name: str, error: WatchglassError) -> tuple[Outcome, str]:
        call = _CALLS[name]
        match error:
            case NotOffered():
                return Outcome.NOT_OFFERED, f"This server does not offer {name}. {call.without}"
            case QuestionRefused() if self.scope and name in ("ListWorkflowExecutions", "CountWorkflowExecutions"):
                return Outcome.REFUSED, refusal_sentence(self.scope, _told_by_server(error))
            case NamespaceMissing():
                return Outcome.FAILED, (
                    f"Temporal has no namespace {self.access.namespace!r}. Check its spelling; Temporal Cloud's names "
                    "end in a dot and the account's id."
                )
            case NotFound():
                return Outcome.NOT_TRIED, "The run on which it was tried was deleted in the meantime. Test again."
            case TemporalRefused():
                return Outcome.REFUSED, f"{error.message} {call.without}"
            case Unavailable():
                return Outcome.FAILED, error.message
        return Outcome.FAILED, error.message

    def _note(self, name: str, outcome: Outcome, message: str | None, began: float | None = None) -> None:
        took = (time.perf_counter() - began) * 1000 if began is not None and outcome is Outcome.OK else None
        call = _CALLS[name]
        self.found.calls.append(TriedCall(name, call.purpose, call.is_needed, outcome, message, took))


@dataclass(frozen=True, slots=True)
class _Call:
    purpose: str
    subject: str
    """What error sentences call the thing that is asked for."""
    without: str
    """What is missing without it."""
    is_needed: bool = False


_CALLS = {
    "GetSystemInfo": _Call("what the server can do", "the server's version", "Newer calls are tried one by one."),
    "DescribeNamespace": _Call(
        "how long runs are kept, and whether the namespace is still the same",
        "the namespace",
        "It cannot be said when Temporal deletes runs, nor noticed when the namespace is made anew.",
        is_needed=True,
    ),
    "ListWorkflowExecutions": _Call(
        "finding runs", "the list of runs", "No run can be found without it.", is_needed=True
    ),
    "CountWorkflowExecutions": _Call(
        "checking that no run was missed",
        "the number of runs",
        "Runs are found without it, but that none was missed is not checked.",
    ),
    "DescribeWorkflowExecution": _Call(
        "what a run is doing right now",
        "what a run is doing",
        "Runs are listed, but what they wait for cannot be shown.",
        is_needed=True,
    ),
    "GetWorkflowExecutionHistory": _Call(
        "a run's steps", "a run's history", "Runs are listed, but without their steps.", is_needed=True
    ),
    "GetWorkflowExecutionHistoryReverse": _Call(
        "the newest steps of a long run",
        "a run's newest events",
        "Histories are read from their beginning instead, which costs more calls.",
    ),
    "DescribeTaskQueue": _Call(
        "whether a worker is there", "a task queue", "That no worker is running cannot be noticed."
    ),
    "ListSchedules": _Call("the list of schedules", "the list of schedules", "Schedules are not shown."),
    "DescribeSchedule": _Call(
        "a schedule's next and missed runs", "a schedule", "A schedule's next runs are not shown."
    ),
}


def _told_by_server(error: WatchglassError) -> str:
    """The server's own words, which our sentence wraps."""
    return getattr(error.__cause__, "message", None) or error.message
