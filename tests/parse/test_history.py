"""What parsing promises for every history, however it arrives."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import ActivityType, Payload
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.corpus import TEMPORAL, sample
from tests.parse.events import event

from watchglass.model.component import Component
from watchglass.model.status import ComponentKind, ComponentStatus, ExecutionStatus
from watchglass.parse.events.table import HANDLERS
from watchglass.parse.file import read_history
from watchglass.parse.history import HistoryFold, parse_history

RESET = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
HISTORIES = [read_history(found.read()) for found in TEMPORAL[::9]]
histories = st.sampled_from(HISTORIES)


class TestEveryHistory:
    @settings(deadline=None)
    @given(histories, st.data())
    def test_any_prefix_parses(self, events: list[HistoryEvent], data: st.DataObject) -> None:
        cut = data.draw(st.integers(0, len(events)))
        execution = parse_history(events[:cut])
        assert execution.event_count == cut
        closed = not execution.status.is_open
        assert not (closed and any(unit.status.is_open for unit in execution.components))

    @settings(deadline=None)
    @given(histories)
    def test_parsing_twice_is_the_same(self, events: list[HistoryEvent]) -> None:
        fold = HistoryFold()
        fold.add(events)
        fold.add(events)
        assert fold.result() == parse_history(events)

    @settings(deadline=None)
    @given(histories, st.data())
    def test_prefix_then_rest_equals_whole(self, events: list[HistoryEvent], data: st.DataObject) -> None:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
        fold = HistoryFold()
        for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
            fold.add(events[start:end])
            fold.result()
        assert fold.result() == parse_history(events)

    @settings(deadline=None)
    @given(histories, st.integers())
    def test_order_inside_a_page_does_not_matter(self, events: list[HistoryEvent], seed: int) -> None:
        shuffled = list(events)
        Random(seed).shuffle(shuffled)
        assert parse_history(shuffled) == parse_history(events)

    @settings(deadline=None)
    @given(st.binary(max_size=200), st.sampled_from(sorted(HANDLERS)), st.integers(1, 50))
    def test_no_event_is_fatal(self, noise: bytes, number: int, event_id: int) -> None:
        made = HistoryEvent(event_id=event_id, event_type=number)  # type: ignore[arg-type]
        made.event_time.nanos = len(noise)
        made.user_metadata.summary.data = noise
        assert parse_history([made]).event_count == 1


@pytest.mark.parametrize("found", TEMPORAL, ids=lambda found: found.name)
def test_clocks_add_up_and_units_are_numbered(found: object) -> None:
    execution = parse_history(read_history(found.read()))  # type: ignore[attr-defined]
    places = [(unit.node_id, unit.occurrence) for unit in execution.components]
    assert len(set(places)) == len(places)
    assert [unit.event_id for unit in execution.components] == sorted(unit.event_id for unit in execution.components)
    for unit in execution.components:
        clocks = unit.clocks
        parts = [clocks.queue_ms, clocks.execution_ms, clocks.retry_ms, clocks.waiting_ms]
        assert all(part is None or part >= 0 for part in parts)
        if clocks.duration_ms is not None and any(part is not None for part in parts):
            assert sum(part or 0 for part in parts) == pytest.approx(clocks.duration_ms)


def test_every_event_type_of_the_api_has_a_handler() -> None:
    assert set(HANDLERS) == set(EventType.values()) - {0}


class TestUnknownEvents:
    def test_are_kept_and_counted(self) -> None:
        future = HistoryEvent(event_id=2, event_type=9999)  # type: ignore[arg-type]
        execution = parse_history([event(1, "WORKFLOW_EXECUTION_STARTED"), future])
        assert (execution.event_count, execution.unknown_events) == (2, {9999: 1})

    @pytest.mark.parametrize("kind", ["MayIgnore", "MayNotIgnore"])
    def test_of_a_later_sdk_are_counted(self, kind: str) -> None:
        execution = parse_history(read_history(sample(f"testUnknownHistoryEvent{kind}.json").read()))
        assert sum(execution.unknown_events.values()) == 1


class TestReset:
    execution = parse_history(read_history(sample("test/replaytests/update-reset-accepted.json").read()))

    def test_lifecycle_says_so(self) -> None:
        assert "reset" in [moment.type for moment in self.execution.lifecycle]

    def test_admitted_update_takes_the_accepted_events_place(self) -> None:
        [unit] = [unit for unit in self.execution.components if unit.kind is ComponentKind.UPDATE]
        assert (unit.event_id, unit.name, dict(unit.ref)["admittedEventId"]) == (9, "fetch_and_add", "5")


class TestCopiedUnits:
    @staticmethod
    def _units() -> tuple[Component, ...]:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "ACTIVITY_TASK_SCHEDULED", activity_id="1", activity_type=ActivityType(name="a")),
            event(3, "ACTIVITY_TASK_SCHEDULED", activity_id="2", activity_type=ActivityType(name="b")),
            event(4, "ACTIVITY_TASK_STARTED", scheduled_event_id=2, attempt=1),
            event(5, "ACTIVITY_TASK_COMPLETED", scheduled_event_id=2),
            event(6, "WORKFLOW_TASK_FAILED", cause=RESET, new_run_id="new"),
            event(7, "ACTIVITY_TASK_STARTED", scheduled_event_id=3, attempt=1),
            event(8, "ACTIVITY_TASK_COMPLETED", scheduled_event_id=3),
        ]
        execution = parse_history(events)
        assert execution.ref.run_id == "new"
        return execution.components

    def test_are_those_that_ended_before_the_reset(self) -> None:
        assert [unit.copied for unit in self._units()] == [True, False]


class TestRunStatus:
    def test_pending_until_a_workflow_task_is_scheduled(self) -> None:
        started = event(1, "WORKFLOW_EXECUTION_STARTED")
        assert parse_history([started]).status is ExecutionStatus.PENDING
        task = event(2, "WORKFLOW_TASK_SCHEDULED")
        assert parse_history([started, task]).status is ExecutionStatus.RUNNING

    def test_paused_until_unpaused(self) -> None:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "WORKFLOW_TASK_SCHEDULED"),
            event(3, "WORKFLOW_EXECUTION_PAUSED", reason="audit", identity="ada"),
            event(4, "WORKFLOW_EXECUTION_UNPAUSED", identity="ada"),
        ]
        assert [parse_history(events[:count]).status for count in (3, 4)] == ["paused", "running"]
        moment = parse_history(events).lifecycle[1]
        assert (moment.type, moment.by, moment.reason) == ("paused", "ada", "audit")

    def test_open_units_of_a_closed_run_are_abandoned(self) -> None:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "TIMER_STARTED", timer_id="t"),
            event(3, "WORKFLOW_EXECUTION_COMPLETED"),
        ]
        [unit] = parse_history(events).components
        assert unit.status is ComponentStatus.ABANDONED

    def test_failure_that_cron_carries_on_is_retried(self) -> None:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "WORKFLOW_EXECUTION_FAILED", new_execution_run_id="next"),
        ]
        execution = parse_history(events)
        assert (execution.is_retried, execution.continued_to) == (True, "next")


class TestClockThatRanBackwards:
    def test_is_shown_as_zero_and_said(self) -> None:
        events = [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "ACTIVITY_TASK_SCHEDULED", at=5),
            event(3, "ACTIVITY_TASK_STARTED", at=4, scheduled_event_id=2, attempt=1),
            event(4, "ACTIVITY_TASK_COMPLETED", at=7, scheduled_event_id=2),
        ]
        [unit] = parse_history(events).components
        clocks = unit.clocks
        assert (clocks.queue_ms, clocks.execution_ms, clocks.duration_ms, clocks.skew) == (
            0,
            2000,
            2000,
            True,
        )


class TestSearchAttributesAndMemo:
    def test_upserts_replace_and_null_removes(self) -> None:
        started = event(1, "WORKFLOW_EXECUTION_STARTED")
        memo = started.workflow_execution_started_event_attributes.memo.fields
        memo["a"].CopyFrom(Payload(metadata={"encoding": b"json/plain"}, data=b"1"))
        memo["b"].CopyFrom(Payload(metadata={"encoding": b"json/plain"}, data=b"2"))
        change = event(2, "WORKFLOW_PROPERTIES_MODIFIED")
        fields = change.workflow_properties_modified_event_attributes.upserted_memo.fields
        fields["a"].CopyFrom(Payload(metadata={"encoding": b"binary/null"}))
        assert set(parse_history([started, change]).memo) == {"b"}
