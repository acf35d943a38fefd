"""Which node runs when: the rules of edges, on small graphs."""

from itertools import pairwise

import pytest

from watchglass.builder.plan import Fate, following, make_plan
from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph

KINDS = {
    "start": {"kind": "start"},
    "branch": {"kind": "branch", "cases": [{"port": "yes", "when": "true"}]},
    "any": {"kind": "join", "mode": "any"},
    "loop": {"kind": "for_each", "items": "[1]"},
}


def drawn(*edges: str, parents: dict[str, str] | None = None) -> Graph:
    """Edges written `source.port>target`; a node whose id begins with a kind's name is of that kind, others set."""
    ids: dict[str, None] = {}
    parsed = []
    for edge in edges:
        left, _, target = edge.partition(">")
        source, _, port = left.partition(".")
        parsed.append({"source": source, "port": port or "next", "target": target})
        ids |= {source: None, target: None}
    nodes = [
        {"id": id, "parent": (parents or {}).get(id), **KINDS.get(id.rstrip("0123456789"), {"kind": "set"})}
        for id in ids
    ]
    return Graph.model_validate({"name": "W", "nodes": nodes, "edges": parsed})


DIAMOND = drawn("start>branch", "branch.yes>a", "branch.otherwise>b", "a>c", "b>c", "c>d")


class TestFate:
    @pytest.mark.parametrize(
        ("ends", "fate"),
        [
            ({}, Fate.OPEN),
            ({"a": "next"}, Fate.OPEN),  # b may still come
            ({"a": "next", "b": None}, Fate.RUNS),  # b is known never to
            ({"a": None, "b": None}, Fate.SKIPPED),
            ({"a": "error", "b": "next"}, Fate.RUNS),  # a went another way
        ],
    )
    def test_a_node_waits_until_each_edge_is_taken_or_never_will_be(self, ends: dict[str, str], fate: Fate) -> None:
        assert make_plan(DIAMOND).outermost.fate("c", ends) is fate

    def test_a_join_of_any_goes_on_with_the_first(self) -> None:
        scope = make_plan(drawn("start>a", "start>b", "a>any", "b>any")).outermost
        assert scope.fate("any", {"a": "next"}) is Fate.RUNS
        assert scope.fate("any", {"a": None}) is Fate.OPEN
        assert scope.fate("any", {"a": None, "b": None}) is Fate.SKIPPED

    def test_what_nothing_leads_to_is_passed_over_and_the_start_never_is(self) -> None:
        scope = make_plan(drawn("start>a", "lost>b")).outermost
        assert (scope.fate("start", {}), scope.fate("lost", {})) == (Fate.RUNS, Fate.SKIPPED)

    def test_a_body_begins_where_each_leads(self) -> None:
        plan = make_plan(drawn("start>loop", "loop.each>a", "a>b", "loop>c", parents={"a": "loop", "b": "loop"}))
        body = plan.scopes["loop"]
        assert (body.fate("a", {}), body.fate("b", {})) == (Fate.RUNS, Fate.OPEN)
        assert list(plan.outermost.nodes) == ["start", "loop", "c"]
        assert body.last == "b"


class TestFollowing:
    def test_the_way_not_taken_is_passed_over_to_its_end(self) -> None:
        scope = make_plan(drawn("start>branch", "branch.yes>a", "branch.otherwise>b", "b>c", "c>d", "a>e")).outermost
        ends: dict[str, str | None] = {"start": "next", "branch": "yes"}
        assert following(scope, ["branch"], ends) == (["a"], ["b", "c", "d"])
        assert ends["d"] is None

    def test_several_edges_from_one_port_run_side_by_side(self) -> None:
        scope = make_plan(drawn("start>a", "start>b")).outermost
        assert following(scope, ["start"], {"start": "next"}) == (["a", "b"], [])

    def test_a_node_whose_two_ways_in_are_decided_at_once_runs_once(self) -> None:
        scope = make_plan(drawn("start>branch", "branch.yes>a", "branch.otherwise>a")).outermost
        assert following(scope, ["branch"], {"start": "next", "branch": "yes"}) == (["a"], [])

    def test_at_the_beginning_every_node_is_looked_at(self) -> None:
        scope = make_plan(DIAMOND).outermost
        assert following(scope, scope.nodes, {}) == (["start"], [])


class TestMakePlan:
    @pytest.mark.parametrize(
        ("graph", "part"),
        [
            (drawn("start>a", "a>b", "b>a"), "in a circle"),
            (drawn("start>loop", "loop.each>a", "a>b", parents={"a": "loop"}), "crosses the border"),
            (drawn("start>loop", "loop.each>a"), "crosses the border"),
            (drawn("start>a", parents={"a": "start"}), "no for-each node"),
        ],
    )
    def test_what_cannot_be_run_is_refused(self, graph: Graph, part: str) -> None:
        with pytest.raises(InvalidInput, match=part):
            make_plan(graph)

    def test_two_nodes_of_one_id_are_refused(self) -> None:
        graph = drawn("start>a")
        with pytest.raises(InvalidInput, match="Two nodes have the id a"):
            make_plan(graph.model_copy(update={"nodes": (*graph.nodes, graph.nodes[1])}))

    def test_a_chain_of_two_thousand_is_no_matter(self) -> None:
        ids = ["start", *(f"n{number}" for number in range(1999))]
        plan = make_plan(drawn(*(f"{a}>{b}" for a, b in pairwise(ids))))
        assert list(plan.outermost.nodes) == ids
