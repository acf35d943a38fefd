"""What the interpreter really writes, read: recorded runs that have every kind of node between them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.execution import Execution
from watchglass.model.status import ComponentStatus
from watchglass.parse.file import read_history
from watchglass.parse.history import HistoryFold, parse_history

RECORDED = {
    path.stem: read_history(path.read_bytes())
    for path in sorted((Path(__file__).parents[1] / "fixtures" / "drawn").glob("*.json"))
}
recorded = st.sampled_from(list(RECORDED.values()))


def run(name: str) -> Execution:
    return parse_history(RECORDED[name])


def nodes(execution: Execution) -> list[tuple[str, tuple[int, ...], str]]:
    return [(one.node_id, one.iteration, one.status) for one in execution.components if one.iteration is not None]


def journal(execution: Execution) -> list[tuple[str, tuple[int, ...], str, str | None]]:
    return [(one.node_id, one.iteration, one.state, one.port) for one in execution.journal]


def test_there_is_a_run_of_each_way_to_end() -> None:
    assert {name: parse_history(events).status for name, events in RECORDED.items()} == {
        "calls-another": "completed",
        "cancelled": "cancelled",
        "ends-badly": "failed",
        "every-kind": "completed",
        "expression-fails": "failed",
        "fails-inside": "failed",
        "is-called": "completed",
    }
    assert all(parse_history(events).built is not None for events in RECORDED.values())


def test_steps_are_nodes() -> None:
    assert sorted(nodes(run("every-kind"))) == [
        ("lucky", (), "completed"),
        ("rest", (), "completed"),
        ("risky", (), "failed"),
        ("shout", (), "completed"),
        ("twice", (0,), "completed"),
        ("twice", (1,), "failed"),
        ("twice", (2,), "completed"),
        ("unlucky", (), "completed"),
    ]
    assert nodes(run("calls-another")) == [("call", (), "completed")]


def test_control_nodes_are_in_the_journal() -> None:
    told = journal(run("every-kind"))
    assert ("large", (), "completed", "yes") in told
    assert ("small", (), "skipped", None) in told
    assert ("ask", (), "started", None) in told
    assert ("ask", (), "completed", "approved") in told
    assert ("mark", (0,), "completed", "next") in told
    assert ("each", (1,), "failed", None) in told
    assert ("risky", (), "failed", "error") in told
    assert told[-1][:3] == ("end", (), "completed")
    asked = next(one for one in run("every-kind").journal if one.node_id == "ask")
    assert asked.output == '{"question": "Go on with ADA?"}'
    each = next(one for one in run("every-kind").journal if one.node_id == "each")
    assert each.item_count == 3


def test_retries_are_judged_by_what_was_chosen() -> None:
    reasons = {one.node_id: one.reason for one in run("every-kind").components if one.node_id != "twice"}
    assert (reasons["lucky"], reasons["unlucky"], reasons["risky"]) == ("within_policy", "not_chosen", "non_retryable")
    assert not any(one.policy_differs for one in run("every-kind").components)


def test_what_was_cancelled_says_so() -> None:
    assert {one.node_id: one.status for one in run("cancelled").components if one.iteration is not None} == {
        "work": "cancelled",
        "rest": "cancelled",
    }


@settings(deadline=None)
@given(recorded, st.data())
def test_prefix_then_rest_equals_whole(events: list[HistoryEvent], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    fold = HistoryFold()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        fold.add(events[start:end])
        fold.result()
    assert fold.result() == parse_history(events)


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_told_of_an_ended_step_stays(name: str) -> None:
    """A sync writes only steps that new events speak of, and journal entries that it has not written."""
    events = RECORDED[name]
    whole = parse_history(events)
    after = {one.event_id: one for one in whole.components}
    for cut in range(1, len(events)):
        before = parse_history(events[:cut])
        assert whole.journal[: len(before.journal)] == before.journal
        for one in before.components:
            assert one.status.is_open or one.status is ComponentStatus.ABANDONED or after[one.event_id] == one
