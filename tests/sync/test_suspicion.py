"""What the patrol takes for news: Describe beside the copy, case by case."""

from dataclasses import replace
from uuid import UUID

import pytest
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from watchglass.model.described import Described, PendingActivity, PendingWorkflowTask
from watchglass.model.execution import RunRef
from watchglass.model.status import ExecutionStatus, Phase, Problem
from watchglass.parse.describe import parse_described
from watchglass.parse.outlook import NEAR_LIMIT_BYTES, NEAR_LIMIT_EVENTS
from watchglass.store.patrols import CopiedRun
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.task_queues import QueueKind
from watchglass.sync.suspicion import shows_more

NOW = 1_700_000_000 * 1_000_000
LONG_AGO = NOW - 60 * 1_000_000
QUIET = replace(
    parse_described(DescribeWorkflowExecutionResponse()),
    status=1,
    history_length=7,
    task_queue="orders",
    described_at=NOW,
)
COPIED = CopiedRun(
    key=ExecutionKey(UUID(int=1), UUID(int=2)),
    ref=RunRef("order-1", "run-1"),
    status=ExecutionStatus.RUNNING,
    phase=Phase.WAITING,
    problem=None,
    history_length=7,
    task_queue="orders",
    retrying=0,
    paused=0,
    running=0,
    activity_queues=frozenset({"bank"}),
)
WAITING_TASK = PendingWorkflowTask(1, 1, LONG_AGO, LONG_AGO, None)
FAILING_TASK = PendingWorkflowTask(1, 3, NOW, LONG_AGO, None)


def activity(*, state: int = 1, attempt: int = 1, scheduled_at: int = LONG_AGO, paused: bool = False) -> Described:
    pending = PendingActivity(
        activity_id="1",
        type="charge",
        state=state,
        attempt=attempt,
        maximum_attempts=0,
        scheduled_at=scheduled_at,
        last_started_at=None,
        last_ended_at=None,
        next_attempt_at=None,
        expires_at=None,
        last_failure=None,
        heartbeat=None,
        last_heartbeat_at=None,
        worker=None,
        paused=paused,
    )
    return replace(QUIET, pending_activities=(pending,))


SILENT = {("orders", QueueKind.WORKFLOW), ("bank", QueueKind.ACTIVITY)}


@pytest.mark.parametrize(
    "seen",
    [
        replace(QUIET, history_length=8),
        replace(QUIET, status=2),
        replace(QUIET, status=8),
        replace(QUIET, pending_workflow_task=FAILING_TASK),
        replace(QUIET, pending_workflow_task=WAITING_TASK),
        activity(),
        activity(attempt=2, scheduled_at=NOW),
        activity(state=2, attempt=11),
        activity(state=4, paused=True),
        activity(state=2),
    ],
    ids=[
        "grew",
        "ended",
        "paused",
        "failing task",
        "task waits",
        "activity waits",
        "retried",
        "stuck",
        "activity paused",
        "activity began",
    ],
)
def test_news(seen: Described) -> None:
    assert shows_more(seen, COPIED, SILENT)


@pytest.mark.parametrize(
    ("seen", "copied"),
    [
        (replace(QUIET, history_length=NEAR_LIMIT_EVENTS), replace(COPIED, history_length=NEAR_LIMIT_EVENTS)),
        (replace(QUIET, history_bytes=NEAR_LIMIT_BYTES), COPIED),
    ],
    ids=["events", "bytes"],
)
def test_a_history_near_its_limit_is_news_once(seen: Described, copied: CopiedRun) -> None:
    assert shows_more(seen, copied, set())
    assert not shows_more(seen, replace(copied, problem=Problem.HISTORY_NEAR_LIMIT), set())


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        (QUIET, None),
        (replace(QUIET, pending_workflow_task=FAILING_TASK), Problem.WORKFLOW_TASK_FAILING),
        (replace(QUIET, pending_workflow_task=WAITING_TASK), Problem.NO_WORKER),
        (activity(), Problem.NO_WORKER),
        (activity(state=2, attempt=11), Problem.ACTIVITY_STUCK),
        (activity(state=2), None),
    ],
    ids=["quiet", "failing task", "task waits", "activity waits", "stuck", "activity works"],
)
def test_what_the_copy_says_already_is_no_news(seen: Described, problem: Problem | None) -> None:
    assert not shows_more(seen, replace(COPIED, problem=problem, running=1), SILENT)


def test_what_would_hinder_a_run_is_no_problem_while_it_is_paused() -> None:
    for described in (activity(), activity(attempt=11, scheduled_at=NOW), replace(QUIET, history_bytes=0)):
        paused = replace(described, status=8, pending_workflow_task=WAITING_TASK)
        copied = replace(COPIED, status=ExecutionStatus.PAUSED, retrying=1)
        assert not shows_more(paused, copied, SILENT)
        assert shows_more(paused, replace(copied, problem=Problem.NO_WORKER), SILENT)


def test_a_problem_that_is_over_is_news() -> None:
    for problem in Problem:
        assert shows_more(QUIET, replace(COPIED, problem=problem), SILENT)


def test_nothing_waits_while_its_queue_is_polled_or_it_only_backs_off() -> None:
    assert not shows_more(replace(QUIET, pending_workflow_task=WAITING_TASK), COPIED, set())
    assert not shows_more(activity(), COPIED, {("orders", QueueKind.WORKFLOW)})
    ahead = activity(attempt=2, scheduled_at=NOW + 60 * 1_000_000)
    assert not shows_more(ahead, replace(COPIED, retrying=1), SILENT)
