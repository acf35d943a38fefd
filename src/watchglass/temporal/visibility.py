"""Which runs a namespace has: pages of the visibility list, and how many there are.

Raw requests, because the SDK's own wrappers raise on a status they do not know and one paused run would then hide a
whole page.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    CountWorkflowExecutionsResponse,
    DescribeNamespaceRequest,
    ListWorkflowExecutionsRequest,
)

from watchglass.temporal.access import Access, CallKind
from watchglass.temporal.call import CALL_SECONDS
from watchglass.temporal.errors import QuestionRefused

PAGE_RUNS = 1000
"""As many as servers give at once: a list is paid by the call."""
BULK_SECONDS = 30.0
"""For lists and counts of long stretches of time, which nobody waits for: a visibility store that needs longer than a
page can wait would otherwise never be listed to its end."""
_OPEN_WORDS = (b'"Running"', b'"Paused"')


@dataclass(frozen=True, slots=True)
class RunCount:
    total: int
    open: int
    """Those of them that have not closed."""

    def plus(self, other: "RunCount") -> "RunCount":
        return RunCount(self.total + other.total, self.open + other.open)


async def list_runs(
    access: Access, query: str, *, page_size: int = PAGE_RUNS, seconds: float = CALL_SECONDS
) -> AsyncIterator[Sequence[WorkflowExecutionInfo]]:
    """Yield pages of runs that match the visibility `query`."""
    request = ListWorkflowExecutionsRequest(namespace=access.namespace, query=query, page_size=page_size)
    while True:
        answer = await access.ask(
            CallKind.VISIBILITY,
            access.service.list_workflow_executions,
            request,
            subject=f"the runs of namespace {access.namespace!r}",
            seconds=seconds,
        )
        yield answer.executions
        if not answer.next_page_token:
            return
        request.next_page_token = answer.next_page_token


async def list_reported(access: Access) -> Sequence[WorkflowExecutionInfo]:
    """Open runs in which the server itself sees a problem (its servers from 1.30 on, where it is switched on).

    Raises:
        QuestionRefused: an older server, which does not know the search attribute.
    """
    query = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
    async for page in list_runs(access, query):
        return page
    return []


async def count_runs(access: Access, query: str, *, seconds: float = CALL_SECONDS) -> int:
    """How many runs match the visibility `query`."""
    return (await _count(access, query, seconds)).count


async def count_by_state(access: Access, query: str, *, seconds: float = CALL_SECONDS) -> RunCount:
    """How many runs match the visibility `query`, and how many of them are open."""
    try:
        answer = await _count(access, f"{query} GROUP BY ExecutionStatus", seconds)
    except QuestionRefused:
        # Servers before 1.20 count without groups.
        total = await count_runs(access, query, seconds=seconds)
        running = f"{query} AND ExecutionStatus = 'Running'"
        return RunCount(total, await count_runs(access, running, seconds=seconds) if total else 0)
    groups = [(group.group_values[0].data, group.count) for group in answer.groups if group.group_values]
    return RunCount(sum(count for _, count in groups), sum(count for word, count in groups if word in _OPEN_WORDS))


async def _count(access: Access, query: str, seconds: float) -> CountWorkflowExecutionsResponse:
    return await access.ask(
        CallKind.VISIBILITY,
        access.service.count_workflow_executions,
        CountWorkflowExecutionsRequest(namespace=access.namespace, query=query),
        subject=f"the number of runs in namespace {access.namespace!r}",
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class DescribedNamespace:
    id: str
    """The server's own; empty from servers that tell none."""
    retention_seconds: float
    """How long runs are kept that have ended."""
    failover_version: int
    """Rises whenever another cluster becomes the active one of a replicated namespace; 0 of one that is not."""


async def describe_namespace(access: Access) -> DescribedNamespace:
    """What the namespace is; also the check that it exists and may be read."""
    answer = await access.ask(
        CallKind.VISIBILITY,
        access.service.describe_namespace,
        DescribeNamespaceRequest(namespace=access.namespace),
        subject=f"namespace {access.namespace!r}",
    )
    return DescribedNamespace(
        answer.namespace_info.id,
        float(answer.config.workflow_execution_retention_ttl.seconds),
        answer.failover_version,
    )
