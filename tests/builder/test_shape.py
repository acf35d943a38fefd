"""What lies in what, and what every way leads through."""

from hypothesis import given
from hypothesis import strategies as st
from tests.builder.drawings import activity, drawing, node

from watchglass.builder.shape import Shape
from watchglass.model.graph import Graph

LOOPS = Shape(
    drawing(
        "Loops",
        [
            node("outer", "for_each", items="input.a"),
            node("kept", "for_each", items="item", parent="outer", onError="continue"),
            node("lost", "for_each", items="item", parent="outer"),
            activity("a", "shout", parent="kept"),
            activity("b", "shout", parent="lost"),
            activity("c", "shout", parent="lost"),
            node("note", "set", parent="lost"),
        ],
        "start>outer",
        "outer.each>kept>lost",
        "kept.each>a",
        "lost.each>b>c",
        "c.error>note",
    )
)


class TestLoops:
    def test_what_is_around_a_node(self) -> None:
        assert LOOPS.around["a"] == ("outer", "kept")
        assert LOOPS.around["outer"] == ()

    def test_bodies(self) -> None:
        assert LOOPS.direct("outer") == ["kept", "lost"]
        assert set(LOOPS.body("outer")) == {"kept", "lost", "a", "b", "c", "note"}

    def test_whose_failure_fails_an_item(self) -> None:
        assert set(LOOPS.fatal("outer")) == {"kept", "lost", "b", "note"}
        assert set(LOOPS.fatal("kept")) == {"a"}
        assert set(LOOPS.fatal("lost")) == {"b", "note"}

    def test_bodies_that_hold_each_other_do_no_harm(self) -> None:
        graph = Graph.model_validate(
            {
                "name": "Odd",
                "nodes": [
                    {"id": "a", "kind": "for_each", "items": "x", "parent": "b"},
                    {"id": "b", "kind": "for_each", "items": "x", "parent": "a"},
                    {"id": "c", "kind": "set", "parent": "gone"},
                ],
                "edges": [{"source": "a", "target": "nowhere"}],
            }
        )
        shape = Shape(graph)
        assert shape.around["c"] == ()
        assert set(shape.around["a"]) <= {"a", "b"}
        assert shape.surely_passed(["a"]) == {"a"}


DIAMOND = Shape(
    drawing(
        "Diamond",
        [node(id, "set") for id in ("top", "left", "right", "bottom", "after", "apart")],
        "start>top>left>bottom>after",
        "top>right>bottom",
    )
)


class TestSurelyPassed:
    def test_ways_that_part_and_meet(self) -> None:
        assert DIAMOND.surely_passed(["after"]) == {"start", "top", "bottom", "after"}
        assert DIAMOND.surely_passed(["left"]) == {"start", "top", "left"}

    def test_what_no_way_leads_to_is_passed_alone(self) -> None:
        assert DIAMOND.surely_passed(["apart"]) == {"apart"}

    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20), st.integers(1, 7))
    def test_leaving_out_what_was_surely_passed_cuts_every_way(
        self, joined: list[tuple[int, int]], reached: int
    ) -> None:
        nodes = [node(f"n{number}", "set") for number in range(8)]
        shape = Shape(drawing("Any", nodes, "start>n0", *(f"n{one}>n{other}" for one, other in joined)))

        def is_led_to(target: str, *, without: str) -> bool:
            seen, look = {"start"} - {without}, [] if without == "start" else ["start"]
            while look:
                for _, edge in shape.out_of[look.pop()]:
                    if edge.target not in seen and edge.target != without:
                        seen.add(edge.target)
                        look.append(edge.target)
            return target in seen

        target = f"n{reached}"
        if not is_led_to(target, without=""):
            return
        passed = shape.surely_passed([target])
        for id in shape.nodes:
            if id != target:
                assert (id in passed) is not is_led_to(target, without=id)
