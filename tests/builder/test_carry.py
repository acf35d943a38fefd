"""What the next run of a chain is given, and how the journal is cut into upserts."""

from typing import Any

import pytest
from tests.builder.drawings import activity, drawing, node

from watchglass.builder.carry import without_unneeded
from watchglass.builder.journal import UPSERT_BYTES, _batches
from watchglass.builder.messages import RunArgument
from watchglass.builder.plan import make_plan
from watchglass.builder.state import Carried, LoopState, NodeEnd, NodeState, ScopeState
from watchglass.model.journal import Decision


def plan(*ahead: dict[str, Any]) -> Any:
    nodes = [node("big", "set"), node("other", "set"), node("each", "for_each", items="[1]"), *ahead]
    return make_plan(drawing("W", nodes, "start>big>other>each"))


def known() -> ScopeState:
    ends = {
        "start": NodeEnd(port="next", output={"a": 1}),
        "big": NodeEnd(port="next", output="x" * 1000),
        "other": NodeEnd(port="error", error={"type": "E", "message": "m"}),
    }
    return ScopeState(ends=ends, begun={"each": NodeState(loop=LoopState(results=[1, None], open={1: ScopeState()}))})


class TestWithoutUnneeded:
    @pytest.mark.parametrize(
        ("node", "is_kept"),
        [
            (node("later", "set", values={"a": ["=nodes.big"]}), True),
            (node("later", "set", values={"a": "nodes.big"}), False),  # a text
            (node("later", "branch", cases=[{"port": "yes", "when": "nodes.big == 'x'"}]), True),
            (node("later", "for_each", items="nodes.big"), True),
            (node("later", "for_each", items="[1]", result="nodes.big"), True),
            (node("later", "wait", until="nodes.big"), True),
            (node("later", "wait", seconds="size(nodes.big)"), True),
            (node("later", "wait", seconds=1), False),
            (node("later", "end", result="=nodes"), True),  # whatever there is
            (node("later", "approval", question="=nodes.big"), True),
            (activity("later", "shout", {"text": "=nodes.big"}, parent="each"), True),
            (activity("later", "shout", {"text": "=nodes.big +"}), False),  # fails before it asks
        ],
    )
    def test_an_output_is_kept_for_those_that_may_ask_for_it(self, node: dict[str, Any], is_kept: bool) -> None:
        kept = without_unneeded(plan(node), known())
        assert kept.ends["big"].output == ("x" * 1000 if is_kept else None)

    def test_nodes_that_have_ended_ask_no_more(self) -> None:
        state = known()
        state.ends["later"] = NodeEnd(port="next")
        kept = without_unneeded(plan(node("later", "set", values={"a": "=nodes.big"})), state)
        assert kept.ends["big"].output is None

    def test_how_nodes_ended_is_kept_in_any_case(self) -> None:
        kept = without_unneeded(plan(), known())
        assert {id: end.port for id, end in kept.ends.items()} == {"start": "next", "big": "next", "other": "error"}
        assert kept.ends["other"].error == {"type": "E", "message": "m"}
        assert kept.begun == known().begun


def test_what_is_handed_on_comes_back_as_it_was() -> None:
    carried = Carried(outermost=known(), decisions=[Decision(node="ask", iteration=(1, 2), approved=True, by="ada")])
    argument = {"workflowId": "w", "version": 1, "input": None, "carried": carried.to_json()}
    assert RunArgument.model_validate(argument).carried == carried


def test_what_says_nothing_is_not_handed_on() -> None:
    assert Carried().to_json() == {}
    assert Carried(outermost=ScopeState(ends={"a": NodeEnd()})).to_json() == {"outermost": {"ends": {"a": {}}}}


def test_many_entries_are_cut_into_upserts_in_their_order() -> None:
    entries = [{"node": f"n{number}", "output": "x" * 2000} for number in range(300)]
    batches = _batches(entries)
    assert [entry for batch in batches for entry in batch] == entries
    assert len(batches) == 3
    assert all(sum(len(str(entry)) for entry in batch) <= UPSERT_BYTES * 1.1 for batch in batches)
    assert _batches([]) == []
