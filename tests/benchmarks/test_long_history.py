"""The history that *details* is measured on is one that a server could have written."""

from benchmarks.long_history import EVENTS, make_events

from watchglass.model.execution import RunRef
from watchglass.model.status import ComponentStatus, ExecutionStatus
from watchglass.parse.history import parse_history


class TestMakeEvents:
    def test_it_makes_as_many_events_as_it_says_in_id_order(self) -> None:
        assert [event.event_id for event in make_events(RunRef("long", "run"))] == list(range(1, EVENTS + 1))

    def test_every_activity_of_it_completes_before_the_run_does(self) -> None:
        execution = parse_history(list(make_events(RunRef("long", "run"))))
        assert execution.status is ExecutionStatus.COMPLETED
        activities = [c for c in execution.components if c.name == "add_line"]
        assert {c.status for c in activities} == {ComponentStatus.COMPLETED}
        assert len(activities) > EVENTS / 4
