"""Which approval node is answered, and by whom."""

import pytest
from tests.builder.drawings import drawing, node

from watchglass.builder.approval import approval_of, refuse_overtaken
from watchglass.errors import Conflict, InvalidInput
from watchglass.model.graph import ApprovalNode
from watchglass.model.journal import Decision

NODE = ApprovalNode(id="ask", name="Ask")
MINE = Decision(node="ask", approved=True, by="ada")


@pytest.mark.parametrize(("approved", "how"), [(True, "approved"), (False, "rejected")])
def test_somebody_elses_answer_that_came_first_is_said(approved: bool, how: str) -> None:
    with pytest.raises(Conflict, match=f"“Ask” was {how} by bob a moment before"):
        refuse_overtaken(NODE, {"approved": approved, "by": "bob", "at": "", "values": {}}, MINE)


@pytest.mark.parametrize("output", [{"approved": True, "by": "ada"}, {"question": "really?"}, None, [], "text"])
def test_ones_own_answer_or_none_is_none_of_that(output: object) -> None:
    refuse_overtaken(NODE, output, MINE)


def test_a_node_in_loops_needs_a_number_for_each() -> None:
    nodes = [
        node("outer", "for_each", items="input.a"),
        node("inner", "for_each", items="item", parent="outer"),
        node("ask", "approval", parent="inner"),
    ]
    graph = drawing("loops", nodes, "start>outer", "outer.each>inner", "inner.each>ask")
    assert approval_of(graph, "ask", (0, 2)).id == "ask"
    for iteration in ((), (0,), (0, 1, 2)):
        with pytest.raises(InvalidInput, match="2 numbers say which item is meant"):
            approval_of(graph, "ask", iteration)
    for other in ("inner", "start", "nowhere"):
        with pytest.raises(InvalidInput, match=f"no approval “{other}”"):
            approval_of(graph, other, ())
