"""What Describe adds, tried on answers that a server really gave."""

from dataclasses import replace
from uuid import UUID

import pytest
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from tests.parse.corpus import Sample, sample
from tests.parse.events import event

from watchglass.model.described import Described, PendingWorkflowTask
from watchglass.model.execution import Execution
from watchglass.model.graph import builder_queue, project_of_queue
from watchglass.model.status import ComponentStatus, ExecutionStatus, Phase, Problem
from watchglass.parse.describe import parse_described
from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history


def described(found: Sample) -> Described:
    response = found.describe()
    assert response is not None
    return parse_described(response)


def seen(found: Sample) -> Execution:
    return parse_history(read_history(found.read()), described=described(found))


class TestPausedActivity:
    found = sample("chaos_activity_pause_while_paused/")

    def test_shows_attempt_status_and_last_error(self) -> None:
        [unit] = seen(self.found).components
        assert (unit.status, unit.attempt) == (ComponentStatus.PAUSED, 2)
        assert unit.previous_failure is not None
        assert unit.previous_failure.message == "service is down"

    def test_is_merely_running_to_the_history(self) -> None:
        [unit] = parse_history(read_history(self.found.read())).components
        assert (unit.status, unit.attempt) == (ComponentStatus.RUNNING, None)

    def test_leaves_no_trace_in_the_fold(self) -> None:
        execution = seen(self.found)
        assert execution.current_step is not None
        assert execution.current_step.attempt == 2


class TestPausedRun:
    def test_is_paused(self) -> None:
        assert seen(sample("chaos_workflow_pause_while_paused/")).status is ExecutionStatus.PAUSED


class TestFailingWorkflowTask:
    def test_is_a_problem_with_a_sentence(self) -> None:
        execution = seen(sample("chaos_unregistered_workflow_type/"))
        assert (execution.status, execution.phase) == (ExecutionStatus.RUNNING, Phase.STUCK)
        assert execution.problem is Problem.WORKFLOW_TASK_FAILING
        assert execution.problem_detail is not None
        assert "not registered" in execution.problem_detail


class TestNewerServers:
    def test_unknown_numbers_are_kept(self) -> None:
        response = DescribeWorkflowExecutionResponse()
        response.workflow_execution_info.status = 99  # type: ignore[assignment]
        response.pending_activities.add(activity_id="1", state=42)  # type: ignore[arg-type]
        known = parse_described(response)
        assert (known.status, known.pending_activities[0].state) == (99, 42)


PROJECT = UUID(int=7)
EMPTY = parse_described(DescribeWorkflowExecutionResponse())
STARTED = event(1, "WORKFLOW_EXECUTION_STARTED")


class TestOutlook:
    def test_no_worker_is_named_when_nobody_polls(self) -> None:
        task = PendingWorkflowTask(1, 1, None, None, None)
        known = replace(EMPTY, pending_workflow_task=task, has_pollers=False, task_queue="orders")
        execution = parse_history([STARTED], described=known)
        assert (execution.status, execution.problem) == (ExecutionStatus.RUNNING, Problem.NO_WORKER)
        assert execution.problem_detail is not None
        assert "orders" in execution.problem_detail

    def test_how_to_start_a_projects_own_worker_is_said(self) -> None:
        task = PendingWorkflowTask(1, 1, None, None, None)
        queue = builder_queue(PROJECT)
        known = replace(EMPTY, pending_workflow_task=task, has_pollers=False, task_queue=queue)
        assert parse_history([STARTED], described=known).problem_detail == (
            f"No worker takes work from the task queue {queue}, so nothing happens until one does. "
            f"Start the project's own: watchglass worker --project {PROJECT} --app MODULE"
        )

    @pytest.mark.parametrize("queue", ["watchglass-orders", "orders", f"my-watchglass-{UUID(int=7)}", ""])
    def test_nothing_is_said_of_queues_of_others(self, queue: str) -> None:
        assert project_of_queue(queue) is None

    def test_run_without_a_task_has_not_started(self) -> None:
        execution = parse_history([STARTED], described=EMPTY)
        assert (execution.status, execution.phase) == (ExecutionStatus.PENDING, Phase.NOT_STARTED)

    @pytest.mark.parametrize(("events", "size"), [(41_000, 0), (10, 41 * 2**20)])
    def test_history_near_its_limit_is_a_problem(self, events: int, size: int) -> None:
        known = replace(EMPTY, history_length=events, history_bytes=size)
        assert parse_history([STARTED], described=known).problem is Problem.HISTORY_NEAR_LIMIT

    def test_timer_alone_is_waiting(self) -> None:
        events = [
            STARTED,
            event(2, "WORKFLOW_TASK_SCHEDULED"),
            event(4, "WORKFLOW_TASK_COMPLETED"),
            event(5, "TIMER_STARTED"),
        ]
        execution = parse_history(events)
        assert (execution.phase, execution.problem) == (Phase.WAITING, None)

    def test_closed_run_has_no_phase(self) -> None:
        execution = parse_history([STARTED, event(2, "WORKFLOW_EXECUTION_COMPLETED")])
        assert (execution.phase, execution.problem) == (None, None)
