"""Child workflows, as their parent's history tells of them."""

from temporalio.api.common.v1 import WorkflowType
from tests.parse.events import event

from watchglass.model.status import ComponentStatus
from watchglass.parse.failure import surface_error
from watchglass.parse.history import parse_history


def test_a_child_that_ran_out_of_time_says_so_as_a_run_does() -> None:
    kind = WorkflowType(name="Invoice")
    run = parse_history(
        [
            event(1, "WORKFLOW_EXECUTION_STARTED"),
            event(2, "START_CHILD_WORKFLOW_EXECUTION_INITIATED", workflow_id="invoice-1", workflow_type=kind),
            event(3, "CHILD_WORKFLOW_EXECUTION_STARTED", initiated_event_id=2),
            event(4, "CHILD_WORKFLOW_EXECUTION_TIMED_OUT", initiated_event_id=2),
            event(5, "WORKFLOW_EXECUTION_TIMED_OUT"),
        ]
    )
    [child] = run.components
    assert (child.status, child.timeout_type) == (ComponentStatus.TIMED_OUT, "RUN")
    assert surface_error(child.failure)[0] == surface_error(run.failure)[0] == "Timeout:RUN"
