"""Where an open run stands: its phase, the problem that keeps it from getting further, the step it is at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from watchglass.model.component import Component
from watchglass.model.described import PENDING_WORKFLOW_TASK_SCHEDULED, Described
from watchglass.model.execution import Step
from watchglass.model.graph import project_of_queue
from watchglass.model.status import ComponentKind, ComponentStatus, ExecutionStatus, Phase, Problem
from watchglass.parse.failure import surface_error
from watchglass.parse.run_state import RunState

NEAR_LIMIT_EVENTS = 40_960
NEAR_LIMIT_BYTES = 40 * 1024 * 1024
"""Four fifths of the server's own limits (51,200 events, 50 MiB), past which it ends the run by force."""
STUCK_ATTEMPTS = 10
"""An activity that failed this often without an end in sight will hardly mend itself."""
STUCK_MICROS = 30 * 60 * 1_000_000
"""Nor will one that is still failing this long after it was scheduled, however patient its retries are."""
_FAILED_AGAIN = 3
"""The attempt at which one failure has become a habit."""

_UNSTARTED = frozenset({ComponentStatus.PENDING, ComponentStatus.RETRYING})
_WAITS = frozenset({ComponentKind.TIMER, ComponentKind.SIGNAL})
_URGENCY = {
    ComponentStatus.RETRYING: 3,
    ComponentStatus.PAUSED: 2,
    ComponentStatus.RUNNING: 1,
    ComponentStatus.PENDING: 1,
}


@dataclass(frozen=True, slots=True)
class Outlook:
    phase: Phase | None
    problem: Problem | None
    problem_detail: str | None


CLOSED = Outlook(None, None, None)


def outlook(
    state: RunState, status: ExecutionStatus, open_units: Sequence[Component], described: Described | None
) -> Outlook:
    if not status.is_open:
        return CLOSED
    if status is ExecutionStatus.PAUSED:
        # Nothing goes on because somebody wants it so; what a worker would do is seen when the run is resumed.
        problem, detail = _near_limit(state, described) or (None, None)
        return Outlook(Phase.WAITING, problem, detail)
    problem, detail = _problem(state, open_units, described)
    if problem is not None and problem is not Problem.HISTORY_NEAR_LIMIT:
        return Outlook(Phase.STUCK, problem, detail)
    return Outlook(_phase(state, status, open_units, described), problem, detail)


def _phase(
    state: RunState, status: ExecutionStatus, open_units: Sequence[Component], described: Described | None
) -> Phase:
    if status is ExecutionStatus.PENDING:
        return Phase.NOT_STARTED
    if any(unit.status is ComponentStatus.RETRYING for unit in open_units):
        return Phase.RETRYING
    if any(unit.kind not in _WAITS and unit.status is not ComponentStatus.PAUSED for unit in open_units):
        return Phase.WORKING
    return Phase.WORKING if _has_open_task(state, described) else Phase.WAITING


def _has_open_task(state: RunState, described: Described | None) -> bool:
    if described is not None:
        return described.pending_workflow_task is not None
    return state.task_scheduled > max(state.task_completed, state.task_failed)


def _problem(
    state: RunState, open_units: Sequence[Component], described: Described | None
) -> tuple[Problem | None, str | None]:
    return (
        _no_worker(state, described)
        or _task_failing(state, described)
        or _unpolled(open_units, described)
        or _stuck(open_units, described)
        or _near_limit(state, described)
        or (None, None)
    )


def _no_worker(state: RunState, described: Described | None) -> tuple[Problem, str] | None:
    if described is None or described.has_pollers is not False:
        return None
    task = described.pending_workflow_task
    if task is None or task.state != PENDING_WORKFLOW_TASK_SCHEDULED:
        return None
    queue = described.task_queue or state.task_queue
    where = f"No worker takes work from the task queue {queue}"
    asked = _last_asked(described, queue)
    return Problem.NO_WORKER, f"{where}, so nothing happens until one does.{asked}{_command(queue)}"


def _command(queue: str) -> str:
    """How to start the worker, where we know it: a project's own."""
    project_id = project_of_queue(queue)
    if project_id is None:
        return ""
    return f" Start the project's own: watchglass worker --project {project_id} --app MODULE"


def _last_asked(described: Described | None, queue: str) -> str:
    """A moment, not how long ago: the sentence is kept while nothing changes."""
    moment = described.last_polls.get(queue) if described is not None else None
    if moment is None:
        return ""
    return f" The last one asked for some at {datetime.fromtimestamp(moment // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC."


def _task_failing(state: RunState, described: Described | None) -> tuple[Problem, str] | None:
    failing = state.task_failed > state.task_completed
    attempt = 1
    if described is not None:
        task = described.pending_workflow_task
        attempt = 0 if task is None else task.attempt
        failing = attempt > 2 or (failing and attempt > 0)
    if not failing:
        return None
    why = f": {state.task_failure}" if state.task_failed > state.task_completed and state.task_failure else ""
    times = f" (attempt {attempt} by now)" if attempt > 1 else ""
    return Problem.WORKFLOW_TASK_FAILING, f"The workflow's own code fails each time it is run{times}{why}"


def _unpolled(open_units: Sequence[Component], described: Described | None) -> tuple[Problem, str] | None:
    queues = described.unpolled_queues if described is not None else frozenset()
    for unit in open_units:
        if unit.task_queue in queues and unit.status in _UNSTARTED:
            where = f"No worker takes work from the task queue {unit.task_queue}"
            asked = _last_asked(described, unit.task_queue)
            command = _command(unit.task_queue or "")
            return Problem.NO_WORKER, f"{where}, so {unit.display_name} cannot run.{asked}{command}"
    return None


def is_stuck(attempt: int, *, failing_for: int, is_benign: bool) -> bool:
    """Does an activity keep failing so that a person should look? `failing_for`: microseconds since it was scheduled.

    An attempt that has begun is left to Temporal's own timeouts, whatever time it takes.
    """
    keeps_failing = attempt >= _FAILED_AGAIN and failing_for > STUCK_MICROS
    return (attempt > STUCK_ATTEMPTS or keeps_failing) and not is_benign


def _stuck(open_units: Sequence[Component], described: Described | None) -> tuple[Problem, str] | None:
    pending = {one.activity_id: one for one in described.pending_activities} if described is not None else {}
    now = described.described_at if described is not None else None
    for unit in open_units:
        if unit.kind is not ComponentKind.ACTIVITY or unit.status is ComponentStatus.PAUSED:
            continue
        seen = pending.get(dict(unit.ref).get("activityId", ""))
        age = now - unit.scheduled_at if now is not None and unit.scheduled_at is not None else 0
        if is_stuck(unit.attempt or 0, failing_for=age, is_benign=seen is not None and seen.is_benign):
            error = surface_error(unit.previous_failure)[1]
            last = f"; the last error was: {error}" if error else ""
            return Problem.ACTIVITY_STUCK, f"{unit.display_name} is at attempt {unit.attempt}{last}"
    return None


def _near_limit(state: RunState, described: Described | None) -> tuple[Problem, str] | None:
    events = max(state.event_count, described.history_length if described else 0)
    size = described.history_bytes if described else 0
    if events < NEAR_LIMIT_EVENTS and size < NEAR_LIMIT_BYTES:
        return None
    return (
        Problem.HISTORY_NEAR_LIMIT,
        f"The history has {events:,} events and {size / 2**20:.1f} MiB; "
        "at 51,200 events or 50 MiB Temporal stops the workflow by force.",
    )


def current_step(open_units: Sequence[Component]) -> Step | None:
    """What an open run is doing: work before waiting, trouble before work, the newest first."""
    if not open_units:
        return None
    return step_of(max(open_units, key=_weight))


def _weight(unit: Component) -> tuple[bool, int, int]:
    return unit.kind not in _WAITS, _URGENCY.get(unit.status, 0), unit.event_id


def failed_step(state: RunState, components: Sequence[Component]) -> Step | None:
    """The step that brought the run down, or during which its time ran out; None when no step did."""
    if state.closed is ExecutionStatus.FAILED and state.failed_unit:
        return next((step_of(unit) for unit in components if unit.event_id == state.failed_unit), None)
    if state.closed is ExecutionStatus.TIMED_OUT:
        left_open = [unit for unit in components if unit.status is ComponentStatus.ABANDONED]
        return step_of(max(left_open, key=_weight)) if left_open else None
    return None


def step_of(unit: Component) -> Step:
    is_paused = unit.status is ComponentStatus.PAUSED
    return Step(unit.event_id, unit.node_id, unit.display_name, unit.attempt, is_paused)
