"""Runs that the builder started: version, journal, and verdicts by what the author chose."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from tests.parse.built_run import BUILT, THREE_TIMES, Written, encrypted, entry, node, payload

from watchglass.model.component import Component
from watchglass.model.journal import MEMO_JOURNAL
from watchglass.model.policy import NOT_CHOSEN, UNKNOWN_CHOICE
from watchglass.model.verdict import Reason, Verdict, verdict_of
from watchglass.parse.history import HistoryFold, parse_history
from watchglass.parse.retry import explain


def unit(written: Written, node_id: str = "pay") -> Component:
    return next(found for found in parse_history(written.events).components if found.node_id == node_id)


class TestVersion:
    def test_memo_says_it(self) -> None:
        built = parse_history(Written().events).built
        assert built is not None
        assert (built.workflow_id, built.version) == (BUILT["workflowId"], 3)

    @pytest.mark.parametrize("memo", [None, {"version": 1}, {"workflowId": "x", "version": 0}, "x", [1], encrypted()])
    def test_another_memo_says_nothing(self, memo: object) -> None:
        assert parse_history(Written(memo).events).built is None

    def test_a_memo_of_somebody_else_makes_no_nodes(self) -> None:
        written = Written({"colour": "blue"}).activity("pay[1]", attempt=2)
        found = unit(written, "charge")
        assert (found.iteration, found.choice, found.reason) == (None, None, Reason.WITHIN_POLICY)

    def test_an_encoded_memo_is_taken_at_its_name(self) -> None:
        found = unit(Written(encrypted()).activity("pay[1]", attempt=2))
        assert (found.iteration, found.reason) == ((1,), Reason.POLICY_NOT_RECORDED)


class TestVerdicts:
    def test_within_what_was_chosen(self) -> None:
        found = unit(Written().graph(node("pay", retry=THREE_TIMES)).activity("pay[2.5]", attempt=3))
        assert (found.reason, found.iteration, found.policy_differs) == (Reason.WITHIN_POLICY, (2, 5), False)
        assert explain(found) == "charge was tried 3 times; its policy allows up to 3 attempts."

    def test_nobody_chose(self) -> None:
        found = unit(Written().graph(node("pay")).activity("pay", attempt=2))
        assert (found.reason, found.choice) == (Reason.NOT_CHOSEN, NOT_CHOSEN)
        assert verdict_of(found.reason) is Verdict.UNEXPECTED
        assert explain(found) == "charge was tried 2 times, and nobody chose a retry policy for this node."

    def test_nobody_chose_and_nothing_was_retried(self) -> None:
        assert unit(Written().graph(node("pay")).activity("pay")).reason is None

    def test_more_than_was_chosen(self) -> None:
        written = Written().graph(node("pay", retry=THREE_TIMES)).activity("pay", attempt=4, maximum_attempts=9)
        found = unit(written)
        assert (found.reason, found.policy_differs) == (Reason.BEYOND_POLICY, True)
        assert explain(found) == (
            "charge was tried 4 times, which the policy of its node does not allow: up to 3 attempts. "
            "The server used another policy than the one that was chosen."
        )

    def test_after_an_error_that_must_not_be_retried(self) -> None:
        written = Written().graph(node("pay", retry=THREE_TIMES, errors=["Refused"]))
        assert unit(written.activity("pay", attempt=2)).reason is Reason.BEYOND_POLICY

    def test_another_policy_that_did_no_harm(self) -> None:
        written = Written().graph(node("pay", retry=THREE_TIMES)).activity("pay", attempt=2, maximum_attempts=9)
        found = unit(written)
        assert (found.reason, found.policy_differs) == (Reason.WITHIN_POLICY, True)

    def test_the_servers_word_comes_first(self) -> None:
        written = Written().graph(node("pay", retry=THREE_TIMES)).activity("pay", attempt=3, fails=True)
        assert unit(written).reason is Reason.EXHAUSTED

    @pytest.mark.parametrize(
        "graph", [encrypted(), payload("no graph"), payload({"nodes": 7}), payload({"nodes": [1, {"id": 2}]})]
    )
    def test_a_graph_that_cannot_be_read_leaves_it_open(self, graph: Payload) -> None:
        found = unit(Written().graph(as_payload=graph).activity("pay", attempt=2))
        assert (found.reason, found.choice) == (Reason.POLICY_NOT_RECORDED, UNKNOWN_CHOICE)
        assert explain(found) == "The history does not say which retry policy was chosen for charge."

    def test_one_choice_of_a_later_version_leaves_the_others(self) -> None:
        written = Written().graph(node("pay", retry={"strategy": "lucky"}), node("ship", retry=THREE_TIMES))
        written.activity("pay", attempt=2).activity("ship", attempt=2)
        assert unit(written).reason is Reason.POLICY_NOT_RECORDED
        assert unit(written, "ship").reason is Reason.WITHIN_POLICY

    def test_reading_the_graph_is_judged_as_any_activity(self) -> None:
        found = unit(Written().graph(node("pay")), "watchglass.read_graph")
        assert (found.choice, found.reason) == (None, None)


class TestNames:
    def test_what_carries_its_nodes_id_is_called_as_it_is_drawn(self) -> None:
        written = Written().graph({**node("rest"), "name": "Let it rest"}).timer("rest").timer("other")
        assert unit(written, "rest").display_name == "Let it rest"
        assert unit(written, "other").display_name == "other"


class TestJournal:
    def test_entries_in_their_order(self) -> None:
        written = Written().journal(
            entry("ok", port="yes", output={"a": [1, "é"]}), entry("each", "started", iteration=[2], count=9)
        )
        first, second = parse_history(written.events).journal
        assert (first.event_id, first.position, first.node_id, first.port) == (2, 0, "ok", "yes")
        assert (first.state, first.output, first.cut) == ("completed", '{"a": [1, "é"]}', False)
        assert first.at == 1_795_395_723_000_004
        assert (second.position, second.iteration, second.item_count, second.output) == (1, (2,), 9, None)

    def test_every_upsert_is_kept_and_none_is_shown_as_memo(self) -> None:
        execution = parse_history(Written().journal(entry("a")).journal(entry("b")).events)
        assert [row.node_id for row in execution.journal] == ["a", "b"]
        assert set(execution.memo) == {"watchglass"}
        assert MEMO_JOURNAL not in execution.memo

    def test_what_cannot_be_read_is_left_out(self) -> None:
        written = Written().journal(entry("Not an id"), {"node": "x"}, 7, entry("b", at="soon"))
        written.journal(as_payload=encrypted()).journal(as_payload=payload({"node": "x"}))
        [row] = parse_history(written.events).journal
        assert (row.node_id, row.position, row.at) == ("b", 3, (1_795_371_912 + 2) * 1_000_000)

    @pytest.mark.parametrize(
        "hostile",
        [{"count": 2**31}, {"count": -1}, {"iteration": [2**31]}, {"iteration": [-1]}, {"iteration": [0] * 101}],
    )
    def test_numbers_that_no_column_holds_are_left_out(self, hostile: dict[str, object]) -> None:
        written = Written().journal(entry("each", "started", **hostile), entry("b"))
        assert [row.node_id for row in parse_history(written.events).journal] == ["b"]

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_moment_that_no_calendar_has_is_the_events(self, at: str) -> None:
        [row] = parse_history(Written().journal(entry("a", at=at)).events).journal
        assert row.at == (1_795_371_912 + 2) * 1_000_000

    def test_an_output_that_is_no_json_is_cut(self) -> None:
        written = Written().journal(
            as_payload=Payload(
                metadata={"encoding": b"json/plain"},
                data=b'[{"node":"a","state":"completed","at":"2026-11-23T01:02:03Z","output":NaN}]',
            )
        )
        [row] = parse_history(written.events).journal
        assert (row.output, row.cut) == (None, True)

    def test_other_peoples_memos_are_no_journal(self) -> None:
        assert parse_history(Written(None).journal(entry("a")).events).journal == ()


def whole() -> Written:
    written = Written().graph(node("pay", retry=THREE_TIMES), node("ship")).journal(entry("ok", port="yes"))
    written.activity("pay[1]", attempt=2).activity("ship", attempt=2).journal(entry("a", "skipped"))
    written.activity("pay[2]", attempt=3, fails=True).journal(entry("end"))
    return written.completed()


@settings(deadline=None)
@given(st.data())
def test_prefix_then_rest_equals_whole(data: st.DataObject) -> None:
    events = whole().events
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    fold = HistoryFold()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        fold.add(events[start:end])
        fold.result()
    assert fold.result() == parse_history(events)


@settings(deadline=None)
@given(st.integers(1, 40))
def test_what_was_told_of_an_ended_unit_stays(cut: int) -> None:
    """A sync writes only units that new events speak of."""
    events = whole().events
    before = {one.event_id: one for one in parse_history(events[:cut]).components if not one.status.is_open}
    after = {one.event_id: one for one in parse_history(events).components}
    assert all(after[event_id] == one for event_id, one in before.items() if one.status != "abandoned")
