"""Which runs a namespace has: pages of the visibility list.

Raw requests, because the SDK's own wrappers raise on a status they do not know and one paused run would then hide a
whole page.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    ListWorkflowExecutionsRequest,
)

from watchglass.temporal.access import Access, CallKind

PAGE_RUNS = 500


async def list_runs(
    access: Access, query: str, *, page_size: int = PAGE_RUNS
) -> AsyncIterator[Sequence[WorkflowExecutionInfo]]:
    """Yield pages of runs that match the visibility `query`."""
    request = ListWorkflowExecutionsRequest(namespace=access.namespace, query=query, page_size=page_size)
    while True:
        answer = await access.ask(
            CallKind.VISIBILITY,
            access.service.list_workflow_executions,
            request,
            subject=f"the runs of namespace {access.namespace!r}",
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


async def count_runs(access: Access, query: str) -> int:
    request = CountWorkflowExecutionsRequest(namespace=access.namespace, query=query)
    answer = await access.ask(
        CallKind.VISIBILITY,
        access.service.count_workflow_executions,
        request,
        subject=f"the number of runs in namespace {access.namespace!r}",
    )
    return answer.count


@dataclass(frozen=True, slots=True)
class DescribedNamespace:
    id: str
    """The server's own; empty from servers that tell none."""
    retention_seconds: float
    """How long runs are kept that have ended."""


async def describe_namespace(access: Access) -> DescribedNamespace:
    """What the namespace is; also the check that it exists and may be read."""
    answer = await access.ask(
        CallKind.VISIBILITY,
        access.service.describe_namespace,
        DescribeNamespaceRequest(namespace=access.namespace),
        subject=f"namespace {access.namespace!r}",
    )
    return DescribedNamespace(answer.namespace_info.id, float(answer.config.workflow_execution_retention_ttl.seconds))
