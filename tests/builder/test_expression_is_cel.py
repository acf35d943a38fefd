"""Our walk means what cel-python means, wherever cel-python gives a value."""

import math
from typing import Any

import celpy
import pytest
from celpy.evaluation import CELEvalError
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from watchglass.builder.expression import ExpressionFailed, evaluate

SCOPE: dict[str, Any] = {"input": {"a": 7, "b": 2.5, "text": "hello", "items": [{"n": 3}, {"n": 1}], "flag": True}}
ENVIRONMENT = celpy.Environment()
NUMBERS = st.recursive(
    st.sampled_from(["0", "1", "-3", "12", "input.a", "input.items[0].n", "size(input.text)", "[5, 6][1]"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda t: f"-({t})"),
    ),
    max_leaves=6,
)
FRACTIONS = st.recursive(
    st.sampled_from(["0.5", "1e3", "-2.25", "input.b", ".5", "double(3)"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
    max_leaves=4,
)
TEXTS = st.recursive(
    st.sampled_from(['"a"', "'it'", '"\\u00e4\\x41\\101\\t\\""', 'r"\\n"', "input.text", '""', "string(12)"]),
    lambda inner: st.tuples(inner, inner).map(" + ".join),
    max_leaves=4,
)
LISTS = st.one_of(
    st.lists(NUMBERS, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
    st.tuples(st.lists(NUMBERS, min_size=1, max_size=4), NUMBERS).map(
        lambda t: f"[{', '.join(t[0])}].map(x, x + ({t[1]}))"
    ),
    st.tuples(st.lists(NUMBERS, min_size=1, max_size=4), NUMBERS).map(
        lambda t: f"[{', '.join(t[0])}].filter(x, x > ({t[1]}))"
    ),
    st.just("input.items.map(x, x.n)"),
)
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(["true", "false", "input.flag", "has(input.a)", "has(input.zz)", "input.zz == 1"]),
        *(
            st.tuples(kind, SIGNS, kind).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
            for kind in (NUMBERS, FRACTIONS, TEXTS)
        ),
        st.tuples(LISTS, LISTS).map(lambda t: f"{t[0]} == {t[1]}"),
        st.tuples(NUMBERS, LISTS).map(lambda t: f"({t[0]}) in {t[1]}"),
        st.tuples(LISTS, st.sampled_from(["all", "exists", "exists_one"]), NUMBERS).map(
            lambda t: f"{t[0]}.{t[1]}(x, x > ({t[2]}))"
        ),
        st.tuples(TEXTS, st.sampled_from(["startsWith", "endsWith", "contains"]), TEXTS).map(
            lambda t: f"({t[0]}).{t[1]}({t[2]})"
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda t: f"!({t})"),
    ),
    max_leaves=4,
)
ANY = st.one_of(NUMBERS, FRACTIONS, TEXTS, LISTS, CONDITIONS)
EXPRESSIONS = st.one_of(
    ANY,
    st.tuples(CONDITIONS, ANY, ANY).map(lambda t: f"({t[0]}) ? ({t[1]}) : ({t[2]})"),
    st.tuples(ANY, ANY).map(lambda t: f'{{"a": {t[0]}, "b": {t[1]}}}'),
)


def _theirs(text: str) -> Any:
    program = ENVIRONMENT.program(ENVIRONMENT.compile(text))
    return _plain(program.evaluate(celpy.json_to_cel(SCOPE)))


def _plain(value: Any) -> Any:
    match value:
        case CELEvalError():
            raise value  # It leaves failures inside of objects.
        case celpy.celtypes.BoolType():
            return bool(value)
        case int():
            return int(value)
        case float():
            return float(value)
        case str():
            return str(value)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case _:
            return value


@given(EXPRESSIONS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_gives_what_cel_python_gives(text: str) -> None:
    try:
        theirs = _theirs(text)
    except CELEvalError:
        event("cel-python gives no value")
        assume(False)
    assume(not isinstance(theirs, float) or math.isfinite(theirs))
    ours = evaluate(text, SCOPE)
    assert ours == theirs
    assert type(ours) is type(theirs)


@pytest.mark.parametrize(
    "text", ["input.zz", "1 / 0", "input.zz == 1 && true", "9223372036854775807 + 1", '"a" + 1', "!1"]
)
def test_fails_where_cel_python_fails(text: str) -> None:
    with pytest.raises(CELEvalError):
        _theirs(text)
    with pytest.raises(ExpressionFailed):
        evaluate(text, SCOPE)
