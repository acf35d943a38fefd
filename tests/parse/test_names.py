import pytest
from temporalio.api.common.v1 import ActivityType, Payload, WorkflowType
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.events import event

from watchglass.model.component import Component
from watchglass.parse.history import parse_history
from watchglass.parse.names import built_place


def text(words: str) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=f'"{words}"'.encode())


def started(*, built: bool) -> HistoryEvent:
    made = event(1, "WORKFLOW_EXECUTION_STARTED", workflow_id="order-1")
    if built:
        fields = made.workflow_execution_started_event_attributes.memo.fields
        fields["watchglass"].CopyFrom(
            Payload(metadata={"encoding": b"json/plain"}, data=b'{"workflowId":"w","version":1}')
        )
    return made


def activity(event_id: int, activity_id: str, summary: str = "") -> HistoryEvent:
    made = event(
        event_id,
        "ACTIVITY_TASK_SCHEDULED",
        activity_id=activity_id,
        activity_type=ActivityType(name="charge"),
    )
    if summary:
        made.user_metadata.summary.CopyFrom(text(summary))
    return made


def units(*events: HistoryEvent, built: bool = False) -> tuple[Component, ...]:
    return parse_history([started(built=built), *events]).components


class TestObserved:
    def test_node_is_the_component(self) -> None:
        [unit] = units(activity(2, "ship[2]"))
        assert (unit.node_id, unit.iteration, unit.display_name) == ("charge", None, "charge")

    def test_summary_names_the_node(self) -> None:
        [unit] = units(activity(2, "1", summary="Charge the card"))
        assert (unit.node_id, unit.display_name, unit.name) == ("Charge the card",) * 2 + ("charge",)

    def test_occurrence_counts_units_of_a_node(self) -> None:
        found = units(activity(2, "1"), activity(3, "2", summary="x"), activity(4, "3"))
        assert [unit.occurrence for unit in found] == [1, 1, 2]


class TestBuilt:
    def test_activity_id_is_node_and_iteration(self) -> None:
        [unit] = units(activity(2, "ship[2.5]", summary="Ship it"), built=True)
        assert (unit.node_id, unit.iteration, unit.display_name) == ("ship", (2, 5), "Ship it")

    def test_child_workflow_id_ends_in_it(self) -> None:
        made = event(
            2,
            "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
            workflow_id="order-1/pack[3]",
            workflow_type=WorkflowType(name="Pack"),
        )
        [unit] = units(made, built=True)
        assert (unit.node_id, unit.iteration) == ("pack", (3,))

    def test_timer_carries_it_as_its_summary(self) -> None:
        made = event(2, "TIMER_STARTED", timer_id="9")
        made.user_metadata.summary.CopyFrom(text("wait-a-day"))
        [unit] = units(made, built=True)
        assert (unit.node_id, unit.iteration) == ("wait-a-day", ())


@pytest.mark.parametrize("builder_id", ["", "Ship", "1", "ship[]", "ship[2", "ship[2.]", "a" * 64, "ship[2]x"])
def test_what_the_builder_never_writes_is_no_place(builder_id: str) -> None:
    assert built_place(builder_id) is None
