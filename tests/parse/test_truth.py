"""The parser agrees with every truth file, field by field."""

import pytest
from tests.parse.corpus import CADENCE, SAMPLES, TEMPORAL, Sample
from tests.parse.truth import PARTS, compared, expected, expected_workflow, of_kind, summary, workflow

from watchglass.model.execution import Execution, RunRef
from watchglass.parse.describe import parse_described
from watchglass.parse.file import NotAHistory, read_history
from watchglass.parse.history import parse_history

by_name = pytest.mark.parametrize("sample", TEMPORAL, ids=lambda sample: sample.name)


def parsed(sample: Sample) -> Execution:
    return parse_history(read_history(sample.read()))


def test_the_corpus_is_whole() -> None:
    assert (len(SAMPLES), len(CADENCE)) == (714, 18)


@by_name
def test_units_are_those_of_the_truth(sample: Sample) -> None:
    execution = parsed(sample)
    for part, (kind, told) in PARTS.items():
        units = [told(unit) for unit in of_kind(execution, kind)]
        assert [compared(unit) for unit in units] == [
            compared(truth, unit) for truth, unit in zip(expected(part, sample.truth), units, strict=True)
        ], part
    assert summary(execution) == sample.truth["summary"]


@by_name
def test_run_is_that_of_the_truth(sample: Sample) -> None:
    execution = parsed(sample)
    told = workflow(execution)
    assert compared(told) == compared(expected_workflow(sample.truth), told)
    assert execution.event_count == sample.truth["event_count"]
    assert execution.last_event_id == sample.truth["last_event_id"]
    asked = any(event.type == "cancel_requested" for event in execution.lifecycle)
    assert asked == sample.truth["cancel_requested"]


@by_name
def test_failed_workflow_tasks_are_in_the_lifecycle(sample: Sample) -> None:
    told = [event for event in parsed(sample).lifecycle if event.type in ("workflow_task_failed", "reset")]
    truth = sample.truth["workflow_tasks"]["failed"]
    assert [event.event_id for event in told] == [failed["event_id"] for failed in truth]
    for event, failed in zip(told, truth, strict=True):
        cause = failed["cause"]
        assert (cause == "RESET_WORKFLOW") == (event.type == "reset")
        assert event.type == "reset" or (event.reason or "").startswith(cause or "")


LIVE = [sample for sample in TEMPORAL if "actual_run_id" in sample.truth]


@pytest.mark.parametrize("sample", LIVE, ids=lambda sample: sample.name)
def test_describe_names_the_run(sample: Sample) -> None:
    response = sample.describe()
    assert response is not None
    execution = parse_history(read_history(sample.read()), described=parse_described(response))
    assert execution.ref == RunRef(sample.truth["actual_workflow_id"], sample.truth["actual_run_id"])
    assert execution.started_at == parse_described(response).started_at


@pytest.mark.parametrize("sample", LIVE, ids=lambda sample: sample.name)
def test_the_history_alone_names_the_run(sample: Sample) -> None:
    """Also of reset runs, whose first event names the base run."""
    assert parsed(sample).ref == RunRef(sample.truth["actual_workflow_id"], sample.truth["actual_run_id"])


@pytest.mark.parametrize("sample", CADENCE, ids=lambda sample: sample.name)
def test_cadence_is_refused_in_one_sentence(sample: Sample) -> None:
    with pytest.raises(NotAHistory, match=r"^It is a Cadence history: .*\.$"):
        read_history(sample.read())
