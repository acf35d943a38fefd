import dataclasses

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from tests.parse.events import event

from watchglass.model.component import Clocks, Component, Values
from watchglass.parse.history import parse_history


def made() -> Component:
    scheduled = event(2, "ACTIVITY_TASK_SCHEDULED", activity_id="1", input=Payloads(payloads=[Payload(data=b"12")]))
    events = [
        event(1, "WORKFLOW_EXECUTION_STARTED"),
        scheduled,
        event(3, "ACTIVITY_TASK_STARTED", scheduled_event_id=2, attempt=1),
        event(4, "ACTIVITY_TASK_COMPLETED", scheduled_event_id=2),
    ]
    [unit] = parse_history(events).components
    return unit


class TestQuicklyMadeValues:
    @pytest.mark.parametrize(("value", "kind"), [(made(), Component), (made().clocks, Clocks), (made().input, Values)])
    def test_are_whole_frozen_and_equal_to_ordinary_ones(self, value: object, kind: type) -> None:
        assert type(value) is kind
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
        assert value == kind(**fields)
        assert hash(value) == hash(kind(**fields))
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, next(iter(fields)), 1)
