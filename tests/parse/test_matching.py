"""Rules that tie somebody else's runs to a graph, and their units to its nodes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from temporalio.api.common.v1 import WorkflowType
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.built_run import payload
from tests.parse.events import event
from tests.parse.test_names import activity

from watchglass.model.rules import NodeRule, Rules, RunRule
from watchglass.parse.history import parse_history
from watchglass.parse.matching import RunFacts, facts_of, holds, placed

RUN = RunFacts(
    "OrderFlow",
    "order-7",
    {"tenant": payload("acme").SerializeToString(), "size": payload(3).SerializeToString()},
    {"Tags": payload(["new", "eu"]).SerializeToString()},
)


def rules(*nodes: NodeRule, run: RunRule | None = None) -> Rules:
    return Rules(runs=(run or RunRule(workflow_type="*"),), nodes=nodes)


class TestRuns:
    @pytest.mark.parametrize(
        ("rule", "does_hold"),
        [
            (RunRule(workflow_type="OrderFlow"), True),
            (RunRule(workflow_type="orderflow"), False),
            (RunRule(workflow_type="Order"), False),
            (RunRule(workflow_type="Order*"), True),
            (RunRule(workflow_id="order-?"), True),
            (RunRule(workflow_id="order-??"), False),
            (RunRule(workflow_type="OrderFlow", workflow_id="refund-*"), False),
            (RunRule(memo={"tenant": "acme"}), True),
            (RunRule(memo={"tenant": "acme", "size": "3"}), True),
            (RunRule(memo={"tenant": "acme", "colour": "*"}), False),
            (RunRule(search_attributes={"Tags": "eu"}), True),
            (RunRule(search_attributes={"Tags": "us"}), False),
        ],
    )
    def test_everything_that_a_rule_says_is_true(self, rule: RunRule, *, does_hold: bool) -> None:
        assert holds(rules(run=rule), RUN) is does_hold

    def test_one_rule_is_enough(self) -> None:
        both = Rules(runs=(RunRule(workflow_type="Refund"), RunRule(workflow_id="order-*")))
        assert holds(both, RUN)

    def test_a_rule_that_says_nothing_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="would hold for every run"):
            RunRule()

    def test_so_many_patterns_are_refused(self) -> None:
        many = [NodeRule(node="a", by="activity_id", matches=f"{number}*") for number in range(201)]
        with pytest.raises(ValidationError, match="at most 200"):
            rules(*many)
        rules(*(rule.model_copy(update={"matches": "plain"}) for rule in many))

    def test_brackets_stand_for_themselves(self) -> None:
        assert holds(rules(run=RunRule(workflow_id="a[1]*")), RunFacts("", "a[1]b", {}, {}))
        assert not holds(rules(run=RunRule(workflow_id="a[1]*")), RunFacts("", "a1b", {}, {}))

    def test_a_pattern_does_not_go_back_over_what_it_has_read(self) -> None:
        # By an expression that does, this would not end.
        assert not holds(rules(run=RunRule(workflow_id="*a" * 200 + "b")), RunFacts("", "a" * 1000, {}, {}))


def run(*events: HistoryEvent) -> list[HistoryEvent]:
    return [event(1, "WORKFLOW_EXECUTION_STARTED", workflow_id="order-7"), *events]


def nodes(events: list[HistoryEvent], *given_rules: NodeRule) -> list[tuple[str, int, tuple[int, ...] | None]]:
    found = placed(parse_history(events), rules(*given_rules))
    return [(unit.node_id, unit.occurrence, unit.iteration) for unit in found.components]


class TestNodes:
    def test_by_type_and_occurrence(self) -> None:
        first = NodeRule(node="authorise", by="activity_type", matches="charge", occurrence=1)
        rest = NodeRule(node="capture", by="activity_type", matches="ch*")
        events = run(activity(2, "a"), activity(3, "b"), activity(4, "c"))
        assert nodes(events, first, rest) == [("authorise", 1, ()), ("capture", 1, ()), ("capture", 2, ())]

    def test_by_activity_id_before_type(self) -> None:
        by_id = NodeRule(node="one", by="activity_id", matches="step-*")
        by_type = NodeRule(node="two", by="activity_type", matches="charge")
        assert nodes(run(activity(2, "step-9"), activity(3, "b")), by_id, by_type) == [("one", 1, ()), ("two", 1, ())]

    def test_by_summary(self) -> None:
        rule = NodeRule(node="pay", by="summary", matches="Charge *")
        assert nodes(run(activity(2, "1", summary="Charge the card")), rule) == [("pay", 1, ())]

    def test_children_and_timers(self) -> None:
        child = event(
            2,
            "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
            workflow_id="pack-1",
            workflow_type=WorkflowType(name="Pack"),
        )
        timer = event(3, "TIMER_STARTED", timer_id="cool-down")
        given_rules = (
            NodeRule(node="pack", by="child_type", matches="Pack"),
            NodeRule(node="rest", by="timer", matches="cool-down"),
        )
        assert nodes(run(child, timer), *given_rules) == [("pack", 1, ()), ("rest", 1, ())]

    def test_what_no_rule_speaks_of_is_no_node(self) -> None:
        assert nodes(run(activity(2, "1")), NodeRule(node="charge", by="activity_id", matches="x")) == [
            ("charge", 1, None)
        ]

    def test_steps_of_the_run_move_too(self) -> None:
        execution = placed(
            parse_history(run(activity(2, "1"))), rules(NodeRule(node="pay", by="activity_type", matches="charge"))
        )
        assert execution.current_step is not None
        assert execution.current_step.node_id == "pay"

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["a", "b", "step-1"]), max_size=8), st.integers(0, 9))
    def test_what_was_told_of_a_prefix_stays(self, ids: list[str], cut: int) -> None:
        given_rules = (
            NodeRule(node="one", by="activity_id", matches="a", occurrence=2),
            NodeRule(node="two", by="activity_type", matches="ch*", occurrence=3),
            NodeRule(node="three", by="activity_id", matches="*"),
        )
        events = run(*(activity(2 + place, own_id) for place, own_id in enumerate(ids)))
        assert nodes(events[: cut + 1], *given_rules) == nodes(events, *given_rules)[:cut]


def test_facts_are_those_of_the_run() -> None:
    assert facts_of(parse_history(run())).workflow_id == "order-7"
