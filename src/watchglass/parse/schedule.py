"""What Temporal tells of a schedule, as values of ours."""

from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.json_format import MessageToJson
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ScheduleOverlapPolicy
from temporalio.api.schedule.v1 import ScheduleActionResult, ScheduleListEntry, ScheduleSpec
from temporalio.api.workflowservice.v1 import DescribeScheduleResponse

from watchglass.model.schedule import Counters, DescribedSchedule, Schedule, ScheduledRun
from watchglass.parse.schedule_words import describe_spec

_CATCHUP_SECONDS = 365 * 86_400.0
"""The server's own when none is set: a year."""
_PREFIX = "SCHEDULE_OVERLAP_POLICY_"


def parse_listed_schedule(entry: ScheduleListEntry) -> Schedule:
    info = entry.info
    return Schedule(
        schedule_id=entry.schedule_id,
        workflow_type=info.workflow_type.name,
        words=describe_spec(info.spec),
        spec=_json(info.spec),
        is_paused=info.paused,
        note=info.notes,
        next_runs=_moments(info.future_action_times),
        last_runs=_runs(info.recent_actions, ()),
    )


def parse_described_schedule(schedule_id: str, answer: DescribeScheduleResponse) -> DescribedSchedule:
    schedule, info = answer.schedule, answer.info
    started, policies = schedule.action.start_workflow, schedule.policies
    return DescribedSchedule(
        schedule_id=schedule_id,
        workflow_type=started.workflow_type.name,
        words=describe_spec(schedule.spec),
        spec=_json(schedule.spec),
        is_paused=schedule.state.paused,
        note=schedule.state.notes,
        next_runs=_moments(info.future_action_times),
        last_runs=_runs(info.recent_actions, info.running_workflows),
        workflow_id=started.workflow_id,
        overlap=_overlap(policies.overlap_policy),
        catchup_window_seconds=policies.catchup_window.ToTimedelta().total_seconds() or _CATCHUP_SECONDS,
        counters=Counters(info.action_count, info.missed_catchup_window, info.overlap_skipped, info.buffer_dropped),
        error=info.invalid_schedule_error,
        created_at=_moment(info.create_time),
        updated_at=_moment(info.update_time),
    )


def _overlap(policy: int) -> str:
    """A policy of a later server is named by its number; without one, the server skips."""
    if policy == 0:
        return "skip"
    if policy not in ScheduleOverlapPolicy.values():
        return str(policy)
    return ScheduleOverlapPolicy.Name(policy).removeprefix(_PREFIX).lower()  # type: ignore[arg-type]


def _json(spec: ScheduleSpec) -> str:
    kept = ScheduleSpec()
    kept.CopyFrom(spec)
    # The rules of the zone as binary: its name is shown.
    kept.ClearField("timezone_data")
    return MessageToJson(kept)


def _runs(actions: Iterable[ScheduleActionResult], running: Iterable[WorkflowExecution]) -> tuple[ScheduledRun, ...]:
    """Newest first. Actions come oldest first, and are without a run when it could not be started."""
    told = [
        ScheduledRun(
            one.start_workflow_result.workflow_id,
            one.start_workflow_result.run_id,
            _moment(one.schedule_time),
            _moment(one.actual_time),
        )
        for one in actions
        if one.start_workflow_result.run_id
    ]
    known = {run.run_id for run in told}
    older = [ScheduledRun(one.workflow_id, one.run_id, None, None) for one in running if one.run_id not in known]
    return (*reversed(told), *older)


def _moments(moments: Iterable[Timestamp]) -> tuple[datetime, ...]:
    return tuple(sorted(moment.ToDatetime(UTC) for moment in moments))


def _moment(moment: Timestamp) -> datetime | None:
    return moment.ToDatetime(UTC) if moment.seconds > 0 else None
