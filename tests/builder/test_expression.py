"""What expressions mean, what they refuse and where, and that nothing makes them run away."""

import datetime as dt
import json
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lark import Tree

from watchglass.builder.cel import bounds
from watchglass.builder.cel.tree import parse_anew, path_tree
from watchglass.builder.expression import (
    Budget,
    Exhausted,
    ExpressionFailed,
    check,
    evaluate,
    evaluate_value,
    expressions_of,
    mentions,
    name_of,
    node_of,
    references,
)

SCOPE: dict[str, Any] = {
    "input": {
        "a": 7,
        "b": 2.5,
        "text": "héllo",
        "nothing": None,
        "due": "2026-01-31T09:00:00Z",
        "items": [{"price": 3, "count": 2}, {"price": 1.5, "count": 4}],
    },
    "nodes": {"reserve_stock": {"total": 5}},
}


class TestEvaluate:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1 + 2 * 3 - 4", 3),  # 6 first, then from left to right: 1 + 6 = 7, 7 - 4 = 3
            ("(1 + 2) * 3", 9),
            ("2 - 3 - 4", -5),  # (2 - 3) - 4
            ("24 / 4 / 2", 3),  # (24 / 4) / 2
            ("7 / 2", 3),  # whole numbers: cut towards 0
            ("-7 / 2", -3),
            ("7 / 2.0", 3.5),
            ("-7 % 2", -1),  # the sign of the left one
            ("7 % -2", 1),
            ("input.a + input.b", 9.5),  # whole numbers and fractions mix
            ("input.a > input.b", True),
            ("1 == 1.0", True),
            ("1 == true", False),
            ('"1" == 1', False),
            ("input.nothing == null", True),
            ("[1, 2.0] == [1.0, 2]", True),
            ('{"a": [1]} == {"a": [1]}', True),
            ("[1] == [true]", False),
            ("2 in [1, 2.0]", True),
            ('"x" in {"x": 1}', True),
            ("- 5", -5),
            ("--5", 5),
            ("!!true", True),
            ("0x1F", 31),
            ("1e3", 1000.0),
            ('"a\\n\\u00e4" + r"\\n"', "a\nä\\n"),
            ('"""a\nb"""', "a\nb"),
            ("'it' + \"'s\"", "it's"),
            ("true ? 1 : 1/0", 1),
            ("false ? 1 : true ? 2 : 3", 2),
            ("nodes.reserve_stock.total > 4 && !false", True),
            ("input.missing == 1 || true", True),
            ("true || input.missing == 1", True),
            ("false && input.missing", False),
            ("has(input.a)", True),
            ("has(input.missing.more)", False),
            ("input.items.map(x, x.price * x.count).sum()", 12.0),  # 3 · 2 + 1.5 · 4
            ("input.items.map(x, x.count > 2, x.price)", [1.5]),
            ("input.items.filter(x, x.count > 2)", [{"price": 1.5, "count": 4}]),
            ("input.items.all(x, x.price > 1)", True),
            ("input.items.exists(x, x.price > 2)", True),
            ("[1, 2, 2].exists_one(x, x == 2)", False),
            ("[[1], [2, 3]].map(x, x.map(x, x * 10))", [[10], [20, 30]]),
            ('{"a": 1, "b": 2}.map(key, key)', ["a", "b"]),
            ('input.items[0]["price"]', 3),
            ("input.items[1.0].price", 1.5),
            ("size(input.text) + input.items.size()", 7),  # 5 letters, 2 items
            ('input.text.contains("ll") && input.text.startsWith("h") && input.text.endsWith("o")', True),
            ('input.text.matches("^h.l+o$")', True),
            ('"a,b".split(",")', ["a", "b"]),
            ('["a", "b"].join("-")', "a-b"),
            ('"abcabc".replace("b", "XX")', "aXXcaXXc"),
            ('"abcdef".substring(2, 4)', "cd"),
            ('"abcdef".indexOf("d")', 3),
            ('" aÄ ".trim().upperAscii()', "AÄ"),
            ("[3, 1.5, 2].min() + [3, 1.5, 2].max()", 4.5),
            ("string(1.0) + string(true) + string(2.5)", "1true2.5"),
            ('int("12") + int(2.9)', 14),
            ('double("2.5")', 2.5),
            ('bool("true")', True),
            ('timestamp(input.due) - duration("1h30m")', "2026-01-31T07:30:00Z"),
            ('timestamp("2026-01-31T09:00:00+02:00") == timestamp("2026-01-31T07:00:00Z")', True),
            ('timestamp(input.due).getHours("+02:00")', 11),
            ("timestamp(input.due).getDate()", 31),
            ('timestamp(input.due) - timestamp("2026-01-31T08:59:00Z")', "60s"),
            ('duration("90m")', "5400s"),
            ('string(duration("-1.5s"))', "-1.5s"),
            ('duration("2h").getMinutes()', 120),
            ("int(timestamp(86400))", 86400),
            ("[] + [1]", [1]),
            ('1 // a comment with a " in it', 1),
        ],
    )
    def test_gives(self, text: str, expected: Any) -> None:
        given = evaluate(text, SCOPE)
        assert given == expected
        assert type(given) is type(expected)

    @pytest.mark.parametrize(
        ("text", "wrong", "sentence"),
        [
            ("1 + input.missing", "input.missing", 'There is no field "missing". The object has "a", "b", "due", '),
            ("input.text.length", "input.text.length", 'A text has no field "length".'),
            ("input.items.price", "input.items.price", "A list has no field"),
            ("1 + order.total", "order", "There is nothing called order here. There is input, nodes."),
            ("[1, 2][2]", "[1, 2][2]", "There is no item 2. The list has 2 items, 0 to 1."),
            ("input.text + 1", "input.text + 1", "Make it a text first: string(…)."),
            ('"a" > 1', '"a" > 1', "> cannot compare a text with a number."),
            ("true && (1 / 0 == 1)", "1 / 0", "Division by 0."),
            ("2.0 / 0", "2.0 / 0", "Division by 0."),
            ("1 ? 2 : 3", "1", "? needs true or false, and this is a number."),
            ("[1].filter(x, x)", "x", "filter needs true or false for each item, and this is a number."),
            ("9223372036854775807 + 1", "9223372036854775807 + 1", "The number is too large"),
            ("1e308 * 10", "1e308 * 10", "The result is no number that JSON can hold."),
            ("a = 1", "=", "To compare, write ==."),
            ("a and b", "and", '"and" is written && here.'),
            ("(1 + 2", "2", "A closing ) is missing."),
            ("1 +", "+", "The expression ends too early."),
            ("1 1", "1", "An operator such as + or == is missing before it."),
            ('1 + "abc', '"abc', "The text is not closed"),
            (r'"\q"', r"\q", "means nothing in a text"),
            ('"\\ud800"', "\\ud800", "is no character"),
            ("1 + foo(2)", "foo(2)", "There is no function foo."),
            ("input.text.startswith(1)", "input.text.startswith(1)", "Is startsWith meant?"),
            ("map([1], x)", "map([1], x)", "map stands behind a list: list.map(x, …)."),
            ("size(1, 2)", "size(1, 2)", "It is called as size(value)."),
            ("[1].map(1, 2)", "[1].map(1, 2)", "First comes a name for the item"),
            ('b"x"', 'b"x"', "JSON has no such value"),
            ("has(input)", "has(input)", "has asks for one field"),
            ('timestamp("now")', 'timestamp("now")', "A text of 3 characters is not a moment"),
            ('timestamp("2026-02-31T09:00:00Z")', None, "A text of 20 characters is not a moment: there is no such"),
            ('int("4711x")', 'int("4711x")', "A text of 5 characters is no number."),
            ('int("4711.5")', 'int("4711.5")', "A text of 6 characters is no whole number."),
            ('bool("yes")', 'bool("yes")', "not of a text of 3 characters."),
            ('duration("soon")', 'duration("soon")', "A text of 4 characters is not a length of time"),
            ('timestamp(input.due).getHours("Europe/Berlin")', None, "takes an offset such as +02:00"),
            ('timestamp("9999-12-31T23:00:00Z") + duration("2h")', None, "out of range"),
            ('"a".matches("(")', '"a".matches("(")', "The pattern cannot be read: missing )."),
            ("{1: 2}", "{1: 2}", "named by texts"),
            ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}', 'The field "a" is there twice.'),
            ("size", "size", "There is nothing called size here."),
        ],
    )
    def test_points_at_what_is_wrong(self, text: str, wrong: str | None, sentence: str) -> None:
        with pytest.raises(ExpressionFailed) as failed:
            evaluate(text, SCOPE)
        assert sentence in failed.value.message
        assert failed.value.at is not None
        start, end = failed.value.at
        assert text[start:end] == (wrong if wrong is not None else text)

    def test_an_index_that_is_no_number_here_is_no_bug(self) -> None:
        assert [problem.at for problem in check("step[99999999999999999999]")] == [(0, 26)]
        assert check("input.items[99999999999999999999]") == []

    def test_gives_copies(self) -> None:
        given = evaluate("input.items", SCOPE)
        given[0]["price"] = 99
        assert SCOPE["input"]["items"][0]["price"] == 3

    def test_names_of_macros_end_with_them(self) -> None:
        assert evaluate("[1].map(input, input + 1)[0] + input.a", SCOPE) == 9

    def test_a_macro_that_fails_gives_its_name_back(self) -> None:
        assert evaluate("[1].exists(input, input.x) || input.a == 7", SCOPE) is True


class TestEvaluateValue:
    def test_replaces_texts_that_begin_with_an_equals_sign(self) -> None:
        value = {"sum": "=input.a + 1", "plain": "input.a", "sign": "==x", "deep": [{"x": "=input.text"}, 1, None]}
        assert evaluate_value(value, SCOPE) == {
            "sum": 8,
            "plain": "input.a",
            "sign": "=x",
            "deep": [{"x": "héllo"}, 1, None],
        }

    def test_tells_the_field(self) -> None:
        with pytest.raises(ExpressionFailed) as failed:
            evaluate_value({"a/b": [1, "=input.missing"]}, SCOPE)
        assert failed.value.field == "/a~1b/1"
        assert failed.value.at == (0, 13)

    def test_an_equals_sign_alone_is_no_expression(self) -> None:
        with pytest.raises(ExpressionFailed, match="written with two"):
            evaluate_value("=", SCOPE)

    def test_has_one_budget(self) -> None:
        scope = {"input": list(range(3_000))}
        one = "=input.map(x, x + 1)"  # 3,000 items, 5 steps each
        assert len(evaluate_value(one, scope)) == 3_000
        with pytest.raises(Exhausted, match="100,000 steps"):
            evaluate_value([one] * 10, scope)

    def test_lists_expressions(self) -> None:
        value = {"a": "=1", "b": ["==x", {"c~": "=2"}], "d": 3}
        assert [*expressions_of(value, "/input")] == [("/input/a", "1"), ("/input/b/1/c~0", "2")]


class TestReferences:
    def test_finds_nodes_wherever_they_stand(self) -> None:
        text = 'nodes.a_b.x + [1].map(nodes, nodes.no)[nodes["c-d"]] + size(errors.e.message) + loops.outer.item'
        assert references(text) == {"a-b", "c-d", "e"}

    def test_mentions_have_places(self) -> None:
        text = "input.items[0].price + nodes.a_b.x.y"
        first, second = mentions(text)
        assert (first.root, first.path, text[slice(*first.at)]) == ("input", ("items",), "input.items[0].price")
        assert (second.node, second.path, text[slice(*second.at)]) == ("a-b", ("x", "y"), "nodes.a_b.x.y")

    def test_names_and_nodes(self) -> None:
        assert name_of("reserve-stock-2") == "reserve_stock_2"
        assert node_of("reserve_stock_2") == "reserve-stock-2"


class TestCheck:
    def test_is_content(self) -> None:
        assert check("[1].map(x, x + input.a)", ("input", "nodes")) == []

    def test_says_what_is_unknown(self) -> None:
        (problem,) = check("1 + item", ("input", "nodes"))
        assert problem.at == (4, 8)
        assert "nothing called item here" in problem.message

    def test_says_what_cannot_be_read(self) -> None:
        (problem,) = check("1 +", ("input",))
        assert "ends too early" in problem.message


HOSTILE = [
    "input.map(a, input.map(b, input.map(c, 1)))",
    "input.map(a, input)",
    "input == input",
    "input in [input]",
    "input + input + input",
    "input.map(x, string(x)).join(text)",
    "[text + text + text, text].map(a, a + a + a + a + a + a + a + a)",
    "+".join(["text"] * 900),
    'text.replace("a", text)',
    'text.split("")',
    'text.matches("(a+)+$")',
    'text.matches("' + "(a{1,100}){1,100}" + '")',
    'text.matches("' + "(" * 400 + ")" * 400 + '")',
    'text.contains("' + "a" * 500 + 'b")',
    "[1, 1, 1, 1]" + ".map(a, [a, a, a, a])" * 12,
    "[1, 1, 1, 1]" + ".map(a, a + a)" * 40,
    "(" * 4_999 + "1" + ")" * 4_999,
    "(" * 900 + "1" + ")" * 900,
    "[" * 900 + "]" * 900,
    "[" * 49 + "]" * 49,
    '{"a":' * 300 + "1" + "}" * 300,
    "!" * 1_900 + "true",
    "-" * 1_900 + "1",
    "1" + " + 1" * 900,
    "true ? 1 : " * 450 + "2",
    "true && " * 900 + "true",
    "input" + ".x" * 900,
    "input" + "[0]" * 600,
    "input.map(x, " * 300 + "1" + ")" * 300,
    "[1].map(x, " * 48 + "x" + ")" * 48,
    "9" * 9_999,
    "1e" + "9" * 30,
    "0x" + "f" * 38,
    "1." * 900,
    '"' + "\\n" * 4_000,
    'r"' + "\\q" * 4_000,
    '"' + "\\n" * 4_000 + '"',
    "'''" + "\\n" * 4_000,
    "// " + "x" * 9_000,
    "a" * 10_000,
    "a" * 10_001,
    "\ud800",
    "\x00",
    "",
    " ",
    "has(" * 100 + "x.y" + ")" * 100,
    'duration("' + "1h" * 4_000 + '")',
    'duration("999999999999999d")',
    "timestamp(99999999999999)",
    'timestamp("0000-00-00T99:99:99Z")',
    "huge * huge",
    "huge + 1.5",
    "huge % 3",
    "huge == 1.5",
    "string(huge)",
    "huge",
    "endless * 2",
    "deep",
    "deep == deep",
]
HOSTILE_SCOPE: dict[str, Any] = {
    "input": list(range(100_000)),
    "text": "a" * 900_000,
    "huge": 10**4_000,
    "endless": float("inf"),
    "deep": reduce(lambda inner, _: [inner], range(500), []),
}


class TestBounds:
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:24].replace("\x00", "NUL").replace("\ud800", "D8"))
    def test_nothing_runs_away(self, text: str) -> None:
        budget = Budget()
        try:
            given = evaluate(text, HOSTILE_SCOPE, budget)
        except ExpressionFailed as failure:
            assert failure.message.endswith((".", "…"))
        else:
            assert len(json.dumps(given)) <= 2 * bounds.MAXIMUM_RESULT

    def test_a_bound_is_never_passed_over(self) -> None:
        with pytest.raises(Exhausted):
            evaluate("input.map(a, input) == [] || true", HOSTILE_SCOPE)
        with pytest.raises(Exhausted):
            evaluate("[1].exists(x, input.map(a, input) == []) || true", HOSTILE_SCOPE)

    def test_steps_are_the_same_each_time(self) -> None:
        budgets = [Budget(), Budget()]
        for budget in budgets:
            evaluate("input.items.map(x, x.price * x.count).sum()", SCOPE, budget)
        assert budgets[0].spent == budgets[1].spent == 20

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1 + " * 900 + "1", 901),
            ("[" * 49 + "]" * 49, json.loads("[" * 49 + "]" * 49)),
            ("(" * 900 + "1" + ")" * 900, 1),
        ],
        ids=["a long sum", "deep lists", "many parentheses"],
    )
    def test_what_is_within_the_bounds_works(self, text: str, value: object) -> None:
        assert evaluate(text, {}) == value


ATOMS = st.sampled_from(
    [
        *("1", "0", "-3", "2.5", "1e308", '"ab"', '""', "true", "false", "null", "[]", "{}", "input", "input.a"),
        *(
            "input.zz",
            "input.items",
            "x",
            "nodes.reserve_stock",
            "timestamp(0)",
            'duration("1h")',
            "9223372036854775807",
            "text",
        ),
    ]
)
BINARY = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "in", "&&", "||"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, BINARY, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) ? ({t[1]}) : ({t[2]})"),
        st.tuples(inner, st.sampled_from(["map", "filter", "all", "exists", "exists_one"]), inner).map(
            lambda t: f"({t[0]}).{t[1]}(x, {t[2]})"
        ),
        st.tuples(
            st.sampled_from(["size", "string", "int", "double", "bool", "timestamp", "duration", "-", "!"]), inner
        ).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(["sum", "min", "max", "trim", "getHours", "getFullYear", "lowerAscii"])).map(
            lambda t: f"({t[0]}).{t[1]}()"
        ),
        st.tuples(inner, st.sampled_from(["contains", "split", "join", "matches", "indexOf", "substring"]), inner).map(
            lambda t: f"({t[0]}).{t[1]}({t[2]})"
        ),
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(inner, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"({key}): ({value})" for key, value in pairs) + "}"
        ),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})[{t[1]}]"),
        inner.map(lambda t: f"({t}).price"),
    )


EXPRESSIONS = st.recursive(ATOMS, _compound, max_leaves=12)
SMALL_SCOPE = {**SCOPE, "text": "a" * 1_000}


PATHS = st.lists(st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True), min_size=1, max_size=6).map(".".join)


def _shape(tree: Any) -> Any:
    if not isinstance(tree, Tree):
        return str(tree)
    return tree.data, tree.meta.start_pos, tree.meta.end_pos, [_shape(child) for child in tree.children]


class TestPaths:
    @given(PATHS | st.text(alphabet="ab._ 1in", max_size=8))
    def test_are_read_as_the_grammar_reads_them(self, text: str) -> None:
        tree = path_tree(text)
        if tree is not None:
            assert _shape(tree) == _shape(parse_anew(text))

    def test_are_known(self) -> None:
        assert path_tree("nodes.a_b.total") is not None
        assert [path_tree(text) for text in ("a.b + 1", "true", "a..b", "null.x", "", ".a", "a b", "in")] == [None] * 8


class TestProperties:
    @given(EXPRESSIONS)
    @settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_gives_json_or_a_sentence(self, text: str) -> None:
        budget = Budget()
        try:
            json.dumps(evaluate(text, SMALL_SCOPE, budget), allow_nan=False).encode()
        except ExpressionFailed as failure:
            assert failure.message.endswith((".", "…"))
            assert failure.at is None or 0 <= failure.at[0] <= failure.at[1] <= len(text)
        assert budget.spent <= bounds.MAXIMUM_STEPS + 2_000_000 // bounds.CHARACTERS_A_STEP

    @given(st.text(max_size=60) | st.text(alphabet="()[]{}.,:?+-*/%<>=!&|\"'\\ \nabinuxr019_e", max_size=80))
    @settings(max_examples=600, deadline=None)
    def test_any_text_is_an_expression_or_a_sentence(self, text: str) -> None:
        try:
            evaluate(text, SMALL_SCOPE)
        except ExpressionFailed as failure:
            assert failure.at is None or 0 <= failure.at[0] <= failure.at[1] <= len(text)
        assert all(problem.message for problem in check(text))

    @given(EXPRESSIONS)
    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_gives_the_same_again(self, text: str) -> None:
        def outcome() -> object:
            try:
                return evaluate(text, SMALL_SCOPE)
            except ExpressionFailed as failure:
                return failure.message, failure.at

        assert outcome() == outcome()

    @given(st.datetimes(min_value=dt.datetime(1000, 1, 1), timezones=st.just(dt.UTC)))
    def test_moments_come_back(self, moment: dt.datetime) -> None:
        text = evaluate("timestamp(input)", {"input": moment.isoformat()})
        assert dt.datetime.fromisoformat(text) == moment
