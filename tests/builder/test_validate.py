"""Each rule: what it says, and that it holds its tongue where nothing is wrong."""

from typing import Any

import pytest
from tests.builder.drawn import CATALOGUE, CHARGE, END, START, drawn, said

from watchglass.builder.validate import Callee, has_errors, validate
from watchglass.model.catalogue import Component
from watchglass.model.graph import Graph, NodeKind
from watchglass.model.retry_choice import KeepTrying, Timeouts

A, B, C, D = ({"id": name} for name in "abcd")


def problems(graph: Graph, *workflows: Callee) -> list[str]:
    return said(validate(graph, CATALOGUE, workflows))


def only(graph: Graph, *workflows: Callee) -> str:
    (problem,) = problems(graph, *workflows)
    return problem


EVERY_KIND = drawn(
    START,
    {"id": "a", "retry": {"strategy": "fail_after"}, "input": {"x": "=input.order.id"}},
    {"id": "failed", "kind": "set", "values": {"why": "=errors.a.message"}},
    {"id": "choose", "kind": "branch", "cases": [{"port": "big", "when": "nodes.a.total > 100"}]},
    {"id": "wait", "kind": "wait", "seconds": 5},
    {"id": "side", "kind": "parallel"},
    {"id": "b"},
    {"id": "c", "kind": "workflow", "workflow": "elsewhere", "task_queue": "theirs", "input": ["=nodes.a"]},
    {"id": "join", "kind": "join"},
    {"id": "each", "kind": "for_each", "items": "nodes.b.items", "result": "nodes.in_it.x + index"},
    {"id": "in-it", "parent": "each", "input": {"x": "=item", "y": "=index", "z": "=nodes.a"}},
    {"id": "inner", "kind": "for_each", "parent": "each", "items": "nodes.in_it"},
    {"id": "deep", "parent": "inner", "input": {"x": "=item", "y": "=loops.each.item", "z": "=loops.inner.index"}},
    {"id": "ask", "kind": "approval", "question": '="Pay " + string(size(nodes.each)) + "?"', "timeout_seconds": 60},
    {"id": "end", "kind": "end", "result": {"by": "=nodes.ask.by", "items": "=nodes.each"}},
    {"id": "sorry", "kind": "end", "outcome": "failed", "message": "Nobody wanted it."},
    {"id": "late", "kind": "end", "outcome": "failed", "message": "Too late."},
    edges="start > a, a.error > failed, a > choose, choose.big > wait, choose.otherwise > side, wait > side, "
    "side > b, side > c, b > join, c > join, join > each, each.each > in-it, in-it > inner, inner.each > deep, "
    "each > ask, ask.approved > end, ask.rejected > sorry, ask.timed-out > late",
)


def test_a_graph_of_every_kind_is_content() -> None:
    assert {node.kind for node in EVERY_KIND.nodes} == set(NodeKind)
    assert problems(EVERY_KIND) == []


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        pytest.param([A], "", "error : The drawing has no start.", id="no start"),
        pytest.param(
            [START, {"id": "other", "kind": "start"}, A],
            "start > a, other > a",
            "error other: There is one start already: “start”.",
            id="two starts",
        ),
        pytest.param([START, A, A], "start > a", "error a/id: Two nodes have the id a.", id="duplicate id"),
        pytest.param(
            [START, A], "start > a, a > b", "error edge 1: The edge from “a” to “b” names b", id="no such node"
        ),
        pytest.param(
            [START, A, B],
            "start > a, start > b, a.big > b",
            "error edge 2: The edge from “a” to “b” leaves by the port big, which the first does not have.",
            id="no such port",
        ),
        pytest.param(
            [START, END, A],
            "start > end, start > a, end > a",
            "error edge 2: The edge from “end” to “a” leaves by",
            id="after an end",
        ),
        pytest.param(
            [START, A],
            "start > a, a > start",
            "error edge 1: The edge from “a” to “start” leads to the start",
            id="into start",
        ),
        pytest.param(
            [START, A, B, C],
            "start > a, a > b, b > c, c > b",
            "error b: It leads back to itself: “b” → “c” → “b”.",
            id="circle",
        ),
        pytest.param(
            [START, A], "start > a, a > a", "error a: It leads back to itself: “a” → “a”.", id="circle of one"
        ),
        pytest.param([START, A, B], "start > a", "error b: Nothing leads here from the start", id="unreachable"),
        pytest.param(
            [START, A],
            "start > a, start > a",
            "warning edge 1: The edge from “start” to “a” is there twice.",
            id="twice",
        ),
        pytest.param([START], "", "warning start: Nothing follows the start", id="nothing"),
        pytest.param(
            [START, {"id": "e", "kind": "for_each", "items": "[1]"}, {"id": "x", "kind": "end", "parent": "e"}],
            "start > e, e.each > x",
            "error x/parent: An end ends the whole run",
            id="end in a body",
        ),
        pytest.param(
            [START, {"id": "e", "kind": "for_each", "items": "[1]"}, {"id": "a", "parent": "e"}, B],
            "start > e, e.each > a, start > b, a > b",
            "error edge 3: The edge from “a” to “b” crosses the border of a for-each body.",
            id="out of a body",
        ),
        pytest.param(
            [START, {"id": "e", "kind": "for_each", "items": "[1]"}, {"id": "a", "parent": "e"}, B],
            "start > e, e.each > a, start > b, e.each > b",
            "error edge 3: The edge from “e” to “b” leaves by the port each, and “b” is not in its body.",
            id="each to the outside",
        ),
        pytest.param(
            [START, {"id": "e", "kind": "for_each", "items": "[1]"}],
            "start > e",
            "warning e: Its body is empty",
            id="empty body",
        ),
        pytest.param(
            [START, {"id": "j", "kind": "join"}], "start > j", "warning j: It joins fewer than two", id="lonely join"
        ),
        pytest.param(
            [START, {"id": "b", "kind": "branch", "cases": [{"port": "yes", "when": "true"}]}],
            "start > b",
            "warning b/cases/0/port: Nothing follows the case yes.",
            id="open case",
        ),
        pytest.param(
            [START, A, {"id": "b", "kind": "branch", "cases": [{"port": "otherwise", "when": "true"}]}],
            "start > b, b.otherwise > a",
            "error b/cases/0/port: A case cannot be called otherwise",
            id="case otherwise",
        ),
        pytest.param(
            [
                START,
                A,
                {"id": "b", "kind": "branch", "cases": [{"port": "x", "when": "true"}, {"port": "x", "when": "true"}]},
            ],
            "start > b, b.x > a",
            "error b/cases/1/port: Two cases are called x.",
            id="cases with one name",
        ),
        pytest.param(
            [START, A, {"id": "q", "kind": "approval"}],
            "start > q, q.approved > a",
            "warning q: Nothing follows when it is rejected.",
            id="open rejection",
        ),
        pytest.param(
            [START, {"id": "w", "kind": "wait"}], "start > w", "error w/seconds: It waits either", id="wait for nothing"
        ),
        pytest.param(
            [START, {"id": "w", "kind": "wait", "seconds": 1, "until": "input.at"}],
            "start > w",
            "error w/seconds: It waits either",
            id="wait for both",
        ),
        pytest.param(
            [START, {"id": "a", "component": "nope", "kind": "activity"}],
            "start > a",
            "error a/component: There is no component nope in this project.",
            id="unknown component",
        ),
        pytest.param(
            [START, {"id": "q", "kind": "approval", "form": {"type": "array"}}, A],
            "start > q, q.approved > a, q.rejected > a",
            "error q/form: The form cannot be shown.",
            id="form of a list",
        ),
    ],
)
def test_how_things_fit_together(nodes: list[dict[str, Any]], edges: str, expected: str) -> None:
    assert only(drawn(*nodes, edges=edges)).startswith(expected)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"id": "x", "parent": "z"}, "error x/parent: It is in the body of z, and there is no such node."),
        ({"id": "x", "parent": "a"}, "error x/parent: It is in the body of “a”, which is no for-each node."),
        (
            {"id": "x", "kind": "start", "parent": "e"},
            "error x/parent: A start stands outside of every for-each body.",
        ),
    ],
)
def test_bodies_that_are_none(node: dict[str, Any], expected: str) -> None:
    loop = {"id": "e", "kind": "for_each", "items": "[1]"}
    assert expected in problems(
        drawn(START, A, loop, {"id": "b", "parent": "e"}, node, edges="start > a, a > e, e.each > b")
    )


def test_bodies_inside_of_each_other() -> None:
    loops = [
        {"id": id, "kind": "for_each", "items": "[1]", "parent": parent} for id, parent in (("a", "b"), ("b", "a"))
    ]
    found = problems(drawn(START, *loops, C, {"id": "d", "parent": "a"}, edges="start > c"))
    assert [line for line in found if "inside of itself" in line] == [
        f"error {id}/parent: It is in a body that is inside of itself." for id in "abd"
    ]


def test_circles_are_told_once_each() -> None:
    graph = drawn(START, A, B, C, D, {"id": "e"}, edges="start > a, a > b, b > a, b > c, c > d, d > c, d > e")
    assert [line.partition(".")[0] for line in problems(graph)] == [
        "error a: It leads back to itself: “a” → “b” → “a”",
        "error c: It leads back to itself: “c” → “d” → “c”",
    ]


LOOP = {"id": "e", "kind": "for_each", "items": "input.list"}
IN_LOOP = {"id": "a", "parent": "e"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=nodes.b", None),
        ("=nodes.b.x.y + input.z", None),
        ("=nodes.start.x", None),
        ("==nodes.nothing", None),
        ("=nodes.c", "error d/input/x: “c” does not come before this"),
        ("=nodes.d", "error d/input/x: This is the output of the node itself"),
        ("=nodes.zz", "error d/input/x: There is no node with the id zz."),
        ("=nodes.reserve_stock", "error d/input/x: There is no node with the id reserve-stock. Is nodes.b meant?"),
        ("=nodes.inner", "error d/input/x: “inner” runs in the body of “e”, once for each item"),
        ("=nodes.e", None),
        (
            "=nodes.f",
            "error d/input/x: This runs only when “f” has failed, and then it has no output. Its error is errors.f.",
        ),
        ("=errors.f.message", None),
        ("=errors.b", "error d/input/x: This is not reached by the port error of “Reserve stock”"),
        ("=item", "error d/input/x: item is there in the body of a for-each node only."),
        ("=loops.e.item", "error d/input/x: This is in no for-each body."),
        ("=b.x", "error d/input/x: There is nothing called b here. The output of that node is nodes.b."),
        ("=order", "error d/input/x: There is nothing called order here. There is input, nodes, errors."),
        ("=1 +", "error d/input/x: The expression ends too early."),
        ("=nodes.w", "warning d/input/x: “w” gives nothing: its output is null."),
        ("=size(nodes)", "warning d/input/x: Name one: nodes."),
    ],
)
def test_what_an_expression_names(value: str, expected: str | None) -> None:
    graph = drawn(
        START,
        {"id": "b", "name": "Reserve stock"},
        {"id": "f"},
        {"id": "w", "kind": "wait", "seconds": 1},
        LOOP,
        {"id": "inner", "parent": "e"},
        C,
        {"id": "d", "input": {"x": value}},
        edges="start > b, b > w, w > e, e.each > inner, e > f, f.error > d, b > c",
    )
    found = problems(graph)
    assert found == [] if expected is None else (len(found) == 1 and found[0].startswith(expected)), found


def test_an_error_points_into_the_expression() -> None:
    text = "=input.a + nodes.later.total"
    graph = drawn(START, {"id": "a", "input": {"x": [text]}}, {"id": "later"}, edges="start > a, a > later")
    (problem,) = validate(graph, CATALOGUE)
    assert (problem.node, problem.field, problem.at) == ("a", "/input/x/0", (10, 27))
    assert text[1:][10:27] == "nodes.later.total"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=item + index", None),
        ("=loops.e.item", None),
        ("=nodes.before", None),
        (
            "=nodes.e",
            "error a/input/x: “e” has an output when all its items are done; inside of its body there is item.",
        ),
        ("=loops.other.item", "error a/input/x: This is not in the body of other. Around it: e."),
    ],
)
def test_what_an_expression_names_in_a_body(value: str, expected: str | None) -> None:
    graph = drawn(
        START,
        {"id": "before"},
        LOOP,
        {**IN_LOOP, "input": {"x": value}},
        edges="start > before, before > e, e.each > a",
    )
    assert problems(graph) == ([] if expected is None else [expected])


def test_the_result_of_an_iteration_sees_the_body() -> None:
    loop = {**LOOP, "result": "nodes.a.x + nodes.after.x"}
    graph = drawn(START, loop, IN_LOOP, {"id": "after"}, edges="start > e, e.each > a, e > after")
    assert only(graph) == "error e/result: “after” does not come before this, so its output is not there yet."


def test_nothing_is_said_of_names_where_the_order_is_not_known() -> None:
    graph = drawn(START, {"id": "a", "input": {"x": "=nodes.b"}}, B, edges="start > a, a > b, b > a")
    assert [line.partition(":")[0] for line in problems(graph)] == ["error a"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"amount": 5, "currency": "EUR"}, []),
        ({"amount": "=input.total", "currency": "=input.currency", "tags": "=input.tags"}, []),
        ({"amount": 5, "currency": "EUR", "tags": ["a", "=input.b"]}, []),
        ({"amount": 5}, ["error p/input/currency: “currency” is missing."]),
        ({"amount": "5", "currency": "EUR"}, ["error p/input/amount: “amount” is a text, and a number is wanted."]),
        ({"amount": -1, "currency": "EUR"}, ["error p/input/amount: “amount” is -1, and at least 0 is wanted."]),
        ({"amount": 1, "currency": "CHF"}, ['error p/input/currency: “currency” is none of "EUR", "USD".']),
        ({"amount": 1, "currency": "EUR", "colour": 1}, ["error p/input/colour: “colour” is not known."]),
        (
            {"amount": 1, "currency": "EUR", "tags": ["a", 2, "=input.b"]},
            ["error p/input/tags/1: “tags[1]” is a number, and a text is wanted."],
        ),
        (
            {"amount": 1, "currency": "EUR", "tags": ["=input.a", "=input.b", "=input.c", "=input.d"]},
            ["error p/input/tags: “tags” has 4 items, and at most 3 are wanted."],
        ),
    ],
)
def test_inputs_against_the_component(given: dict[str, Any], expected: list[str]) -> None:
    node = {"id": "p", "kind": "activity", "component": CHARGE.type, "input": given}
    assert problems(drawn(START, node, edges="start > p")) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("=input.total", []),
        ("=input.lines.map(x, x.price).sum()", []),
        ("=nodes.first.anything", []),
        ("=input.name", ["error p/input/amount: “amount” is a text, and a number is wanted."]),
        ('="EUR " + string(input.total)', ["error p/input/amount: “amount” is a text, and a number is wanted."]),
        ("=input.lines", ["error p/input/amount: “amount” is a list, and a number is wanted."]),
        ("=input.totl", ["warning p/input/amount: input has no field totl. Its schema has total, name, lines."]),
        ("=nodes.sums.gros", ["warning p/input/amount: nodes.sums has no field gros. Its schema has net."]),
        ("=input.name.first", ["warning p/input/amount: input.name has no fields, so there is no first in it."]),
    ],
)
def test_types_that_are_known_before_it_runs(amount: str, expected: list[str]) -> None:
    wanted = {
        "type": "object",
        "properties": {
            "total": {"type": "number"},
            "name": {"type": "string"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
        },
    }
    sums = {"id": "sums", "kind": "set", "values": {"net": "=input.total * 0.8"}}
    node = {"id": "p", "kind": "activity", "component": CHARGE.type, "input": {"amount": amount, "currency": "EUR"}}
    graph = drawn(
        START, {"id": "first"}, sums, node, edges="start > first, first > sums, sums > p", input_schema=wanted
    )
    assert problems(graph) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"retry": {"strategy": "fail_after"}}, None),
        ({"retry": {"strategy": "keep_trying"}}, "warning a/retry: This may never finish"),
        (
            {"retry": {"strategy": "exponential_backoff", "maximum_attempts": 0}},
            "warning a/retry: This may never finish",
        ),
        ({"retry": {"strategy": "exponential_backoff"}}, None),
        ({"retry": {"strategy": "keep_trying"}, "timeouts": {"schedule_to_close_seconds": 600}}, None),
        (
            {
                "retry": {
                    "strategy": "exponential_backoff",
                    "initial_interval_seconds": 10,
                    "maximum_interval_seconds": 5,
                }
            },
            "error a/retry/maximumIntervalSeconds: The longest wait (5 s) is shorter than the first (10 s)",
        ),
        (
            {"timeouts": {"start_to_close_seconds": 10, "schedule_to_close_seconds": 5}},
            "warning a/timeouts/startToCloseSeconds: One attempt may take 10 s, and all attempts together 5 s",
        ),
        (
            {"timeouts": {"schedule_to_start_seconds": 10, "schedule_to_close_seconds": 5}},
            "warning a/timeouts/scheduleToStartSeconds: Waiting for a worker may take 10 s",
        ),
        (
            {"timeouts": {"heartbeat_seconds": 60}},
            "warning a/timeouts/heartbeatSeconds: A sign of life is asked for every 60 s",
        ),
        ({"timeouts": {"heartbeat_seconds": 5}}, None),
        (
            {"timeouts": {"heartbeat_seconds": 5, "start_to_close_seconds": 5}},
            "warning a/timeouts/heartbeatSeconds: A sign of life",
        ),
    ],
)
def test_policies(node: dict[str, Any], expected: str | None) -> None:
    found = problems(drawn(START, {"id": "a", **node}, edges="start > a"))
    assert found == [] if expected is None else (len(found) == 1 and found[0].startswith(expected)), found


def test_a_component_brings_its_policy() -> None:
    forever = Component(type="echo", name="Echo", retry=KeepTrying())
    graph = drawn(START, A, edges="start > a")
    assert len(validate(graph, [forever])) == 1
    bounded = forever.model_copy(update={"timeouts": Timeouts(schedule_to_close_seconds=60)})
    assert validate(graph, [bounded]) == ()


CHILD = {"id": "c", "kind": "workflow", "workflow": "invoice"}
INVOICE = Callee(
    "invoice", 3, input_schema={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
)


@pytest.mark.parametrize(
    ("node", "callees", "expected"),
    [
        ({"input": {"id": "=input.id"}}, [INVOICE], []),
        ({"input": "=input"}, [INVOICE], []),
        ({"input": {}}, [INVOICE], ["error c/input/id: “id” is missing."]),
        ({}, [INVOICE], ["error c/input/id: “id” is missing."]),
        ({"version": 2, "input": {}}, [INVOICE], []),
        ({"version": 4}, [INVOICE], ["error c/version: The workflow invoice has no version 4; the newest is 3."]),
        ({}, [], ["error c/workflow: There is no workflow invoice in this project."]),
        ({"task_queue": "theirs"}, [], []),
        ({}, [Callee("invoice", 0)], ["error c/workflow: The workflow invoice has no version yet."]),
        ({"workflow": "order"}, [], ["warning c/workflow: The workflow calls itself here."]),
        (
            {},
            [Callee("invoice", 1, frozenset({"tax"})), Callee("tax", 1, frozenset({"order", "invoice"}))],
            ["warning c/workflow: The workflow calls itself here, by way of invoice, tax."],
        ),
        ({}, [Callee("invoice", 1, frozenset({"invoice"}))], []),
    ],
)
def test_children(node: dict[str, Any], callees: list[Callee], expected: list[str]) -> None:
    found = problems(drawn(START, {**CHILD, **node}, edges="start > c"), *callees)
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


class TestBounds:
    def test_two_thousand_nodes(self) -> None:
        nodes = [
            START,
            *({"id": f"n{n}", "input": {"x": f"=nodes.n{n - 1}.x" if n else "=input"}} for n in range(1_999)),
        ]
        graph = drawn(*nodes, edges=["start > n0", *(f"n{n} > n{n + 1}" for n in range(1_998))])
        assert validate(graph, CATALOGUE) == ()

    def test_two_thousand_nodes_that_are_all_wrong(self) -> None:
        nodes = [{"id": f"n{n}", "input": {"x": "=nodes.zz"}} for n in range(2_000)]
        found = validate(drawn(*nodes, edges=[f"n{n} > n{(n + 1) % 2_000}" for n in range(2_000)]), CATALOGUE)
        assert found[1].message.startswith("It leads back to itself: “n0” → “n1”")
        assert len(found[1].message) < 300

    def test_many_problems_are_cut_and_errors_come_first(self) -> None:
        warned = [{"id": f"w{n}", "retry": {"strategy": "keep_trying"}} for n in range(900)]
        graph = drawn(
            START,
            *warned,
            {"id": "bad", "input": {"x": "=nodes.zz"}},
            edges=[f"start > w{n}" for n in range(900)] + ["start > bad"],
        )
        found = validate(graph, CATALOGUE)
        assert len(found) == 500
        assert found[0].node == "bad"
        assert has_errors(found)
        assert found[-1].message == "There are more problems than these."

    def test_values_that_are_nested_without_end(self) -> None:
        value: Any = 1
        for _ in range(200):
            value = [value]
        for node in ({"id": "a", "input": {"x": value}}, {"id": "a", "kind": "set", "values": {"x": value}}):
            found = only(drawn(START, node, edges="start > a"))
            assert found == "error a: A value in it is nested more than 50 deep."

    @pytest.mark.parametrize(
        ("schema", "sentence"),
        [
            ({"type": "object", "properties": {"x": {"$ref": "#/nope"}}}, "refers to"),
            ({"$ref": "https://example.com/schema.json"}, "refers to"),
            ({"$ref": "#"}, "without end"),
            ({"type": "nonsense"}, "The schema is wrong"),
            ({"type": "object", "properties": {"x": {"pattern": "(?=a)"}}}, "cannot be read"),
            (
                {
                    "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}},
                    "$ref": "#/$defs/d0",
                },
                "too much work",
            ),
        ],
    )
    def test_schemas_that_cannot_be_used(self, schema: dict[str, Any], sentence: str) -> None:
        component = Component(type="echo", name="Echo", input_schema=schema)
        (problem,) = validate(drawn(START, {"id": "a", "input": {"x": "y"}}, edges="start > a"), [component])
        assert problem.severity == "warning"
        assert sentence in problem.message

    def test_patterns_take_linear_time(self) -> None:
        schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
        component = Component(type="echo", name="Echo", input_schema=schema)
        graph = drawn(START, {"id": "a", "input": {"x": "a" * 50_000 + "!"}}, edges="start > a")
        (problem,) = validate(graph, [component])
        assert problem.message == "“x” does not have the form ^(a+)+$."
