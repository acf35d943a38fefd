"""A history to an `Execution`: the one door of this room.

Events are taken by id, in order; one that was taken already changes nothing. So a prefix and then the rest
gives the same as the whole, and a page that comes twice does no harm.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from temporalio.api.enums.v1 import ContinueAsNewInitiator
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.chain import Origin, Versioning
from watchglass.model.component import Component, Values
from watchglass.model.described import Described
from watchglass.model.execution import Execution, RunRef
from watchglass.model.status import ExecutionStatus
from watchglass.parse.built import built_run, without_journal
from watchglass.parse.clock import between
from watchglass.parse.describe import SCHEDULED_BY
from watchglass.parse.events.table import HANDLERS
from watchglass.parse.observed import overlay
from watchglass.parse.outlook import current_step, failed_step, outlook
from watchglass.parse.run_state import RunState
from watchglass.parse.search_attributes import read_text
from watchglass.parse.versioning import versioning_of

_PAUSED_STATUS = 8
_INITIATORS: dict[int, Origin] = {
    ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_RETRY: Origin.RETRIED,
    ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE: Origin.CRON,
}
_ERRORS = frozenset({ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT})


def parse_history(
    events: Sequence[HistoryEvent], *, ref: RunRef | None = None, described: Described | None = None
) -> Execution:
    """The run that these events tell. `ref` names it when the events do not (old servers) or name another
    (resets)."""
    fold = HistoryFold(ref)
    fold.add(events)
    return fold.result(described)


class HistoryFold:
    """A run's events, taken page by page."""

    def __init__(self, ref: RunRef | None = None) -> None:
        self._ref = ref
        self._state = RunState()

    @property
    def last_event_id(self) -> int:
        return self._state.last_event_id

    def add(self, events: Sequence[HistoryEvent]) -> None:
        """Take events; the order inside the page does not matter, those at or below `last_event_id` are
        skipped."""
        state = self._state
        last = state.last_event_id
        count = 0
        for event_id, event in _by_id(events):
            if event_id <= last:
                continue
            last = event_id
            count += 1
            handler = HANDLERS.get(event.event_type)
            if handler is None:
                number = event.event_type
                state.unknown_events[number] = state.unknown_events.get(number, 0) + 1
            else:
                handler(state, event, event_id)
        state.last_event_id = last
        state.event_count += count

    def lighten(self, light: Callable[[Values], Values]) -> None:
        """Let `light` say what is kept of the values of the units so far."""
        for unit in self._state.units.values():
            for side in ("input", "output"):
                values: Values | None = getattr(unit, side)
                if values is not None and values.data:
                    kept = light(values)
                    if kept is not values:
                        setattr(unit, side, kept)
                        unit.finished = None

    def result(self, described: Described | None = None) -> Execution:
        """The run as it stands, with what Describe adds where it was asked."""
        state = self._state
        closed_run, reset_at = state.closed is not None, state.reset_at
        components = tuple([unit.component(closed_run=closed_run, reset_id=reset_at) for unit in state.units.values()])
        if described is not None and not closed_run:
            components = overlay(components, described)
        return _execution(state, components, self._ref, described)


def _by_id(events: Sequence[HistoryEvent]) -> Iterable[tuple[int, HistoryEvent]]:
    ids = [event.event_id for event in events]
    pairs = zip(ids, events, strict=True)
    return pairs if ids == sorted(ids) else sorted(pairs, key=itemgetter(0))


def _execution(
    state: RunState, components: tuple[Component, ...], ref: RunRef | None, described: Described | None
) -> Execution:
    status = _status(state, described)
    open_units = [unit for unit in components if unit.status.is_open] if status.is_open else []
    view = outlook(state, status, open_units, described)
    started_at = (described.started_at if described else None) or state.first_at
    attributes = described.search_attributes if described else dict(state.search_attributes)
    return Execution(
        ref=_ref(state, ref, described),
        type=state.type or (described.type if described else ""),
        status=status,
        phase=view.phase,
        problem=view.problem,
        problem_detail=view.problem_detail,
        started_at=started_at,
        closed_at=state.closed_at,
        duration_ms=between(started_at, state.closed_at),
        task_queue=(described.task_queue if described else "") or state.task_queue,
        input=state.input,
        result=state.result,
        failure=state.failure,
        parent=state.parent or (described.parent if described else None),
        root=state.root or (described.root if described else None),
        first_run_id=state.first_run_id or (described.first_run_id if described else None),
        continued_from=state.continued_from,
        continued_to=state.continued_to,
        is_retried=status in _ERRORS and state.continued_to is not None,
        superseded_by=_superseded_by(status, described),
        schedule_id=_schedule_id(state, described),
        attempt=state.attempt,
        build_id=(described.build_id if described else None) or _build_id(state),
        timeouts=state.timeouts,
        memo=without_journal(described.memo if described else state.memo),
        search_attributes=attributes,
        lifecycle=tuple(state.lifecycle),
        components=components,
        current_step=current_step(open_units),
        failed_step=failed_step(state, components),
        last_event_id=state.last_event_id,
        event_count=state.event_count,
        unknown_events=dict(state.unknown_events),
        origin=_origin(state),
        reset_from=state.reset_from or None,
        stopped_by_reset=state.stopped_by_reset,
        deployment=(described.deployment if described else None) or _deployment(state),
        versioning=(described.versioning if described else None) or _versioning(state),
        called_by=state.called_by,
        built=built_run(state.memo) if state.is_built else None,
        journal=tuple(state.journal),
    )


def _status(state: RunState, described: Described | None) -> ExecutionStatus:
    """The close event decides; Describe adds what no event says yet."""
    if state.closed is not None:
        return state.closed
    if state.paused or (described is not None and described.status == _PAUSED_STATUS):
        return ExecutionStatus.PAUSED
    has_task = described is not None and described.pending_workflow_task is not None
    return ExecutionStatus.RUNNING if state.task_scheduled or has_task else ExecutionStatus.PENDING


def _ref(state: RunState, ref: RunRef | None, described: Described | None) -> RunRef:
    if ref is not None:
        return ref
    return described.ref if described is not None else state.run_ref()


def _superseded_by(status: ExecutionStatus, described: Described | None) -> str | None:
    """A reset stops a running base run by force; one that had ended before keeps its own ending."""
    return described.reset_run_id if described and status is ExecutionStatus.TERMINATED else None


def _schedule_id(state: RunState, described: Described | None) -> str | None:
    return (described.schedule_id if described else None) or read_text(state.search_attributes.get(SCHEDULED_BY))


def _origin(state: RunState) -> Origin | None:
    if state.reset_from:
        return Origin.RESET
    if state.first_at is None and not state.workflow_id:
        return None
    if state.continued_from is None:
        return Origin.FIRST
    return _INITIATORS.get(state.initiator, Origin.CARRIED_ON)


def _build_id(state: RunState) -> str | None:
    if state.task_worker is None:
        return None
    attributes = state.task_worker.workflow_task_completed_event_attributes
    return (
        attributes.deployment_version.build_id
        or attributes.worker_version.build_id
        or attributes.binary_checksum
        or None
    )


def _deployment(state: RunState) -> str | None:
    if state.task_worker is None:
        return None
    attributes = state.task_worker.workflow_task_completed_event_attributes
    return attributes.deployment_version.deployment_name or attributes.worker_deployment_name or None


def _versioning(state: RunState) -> Versioning | None:
    if state.task_worker is None:
        return None
    return versioning_of(state.task_worker.workflow_task_completed_event_attributes.versioning_behavior)
