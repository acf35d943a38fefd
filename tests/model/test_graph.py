import pytest
from pydantic import ValidationError

from watchglass.model.graph import ActivityNode, BranchNode, Graph, ports_of

GRAPH = {
    "format": "watchglass/workflow/v1",
    "name": "order",
    "nodes": [
        {"kind": "start", "id": "start"},
        {
            "kind": "activity",
            "id": "pay",
            "component": "payments.capture",
            "input": {"amount": "=input.total"},
            "retry": {"strategy": "fail_after", "maximumAttempts": 5},
        },
        {"kind": "branch", "id": "risky", "cases": [{"port": "yes", "when": "nodes.pay.risk > 0.8"}]},
        {"kind": "approval", "id": "ask", "timeoutSeconds": 60},
        {"kind": "end", "id": "done"},
    ],
    "edges": [{"source": "start", "target": "pay"}, {"source": "pay", "port": "next", "target": "risky"}],
}


def test_what_is_read_is_written_again() -> None:
    graph = Graph.model_validate(GRAPH)
    again = Graph.model_validate(graph.model_dump(mode="json"))
    assert again == graph
    assert graph.model_dump(mode="json", exclude_unset=True)["nodes"] == GRAPH["nodes"]


def test_each_kind_is_its_own_type() -> None:
    _, pay, risky, _, _ = Graph.model_validate(GRAPH).nodes
    assert isinstance(pay, ActivityNode)
    assert isinstance(risky, BranchNode)


@pytest.mark.parametrize(
    ("position", "ports"),
    [
        (0, ("next",)),
        (1, ("next", "error")),
        (2, ("yes", "otherwise")),
        (3, ("approved", "rejected", "timed-out")),
        (4, ()),
    ],
)
def test_ports(position: int, ports: tuple[str, ...]) -> None:
    assert ports_of(Graph.model_validate(GRAPH).nodes[position]) == ports


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "start", "id": "Start"},
        {"kind": "start", "id": "start", "colour": "red"},
        {"kind": "dance", "id": "dance"},
        {"kind": "activity", "id": "pay", "component": "pay", "retry": {"strategy": "guess"}},
        {"kind": "activity", "id": "pay", "component": "pay", "timeouts": {"startToCloseSeconds": 0}},
        {"kind": "for_each", "id": "all", "items": "input.items", "concurrency": 0},
    ],
)
def test_what_no_graph_can_hold_is_refused(node: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Graph.model_validate({"format": "watchglass/workflow/v1", "name": "order", "nodes": [node]})
