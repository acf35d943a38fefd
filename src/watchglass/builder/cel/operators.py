"""What the operators do. Whole numbers and fractions mix, which plain CEL refuses: JSON does not tell them apart."""

import datetime as dt
from collections.abc import Callable

from watchglass.builder.cel.bounds import (
    ITEMS_A_COPY_STEP,
    MAXIMUM_ITEMS,
    Budget,
    Exhausted,
    ExpressionFailed,
    fitting_text,
)
from watchglass.builder.cel.values import Value, are_equal, fitting_number, is_number, kind_of

Operator = Callable[[Budget, Value, Value], Value]


def add(budget: Budget, left: Value, right: Value) -> Value:
    match left, right:
        case str(), str():
            budget.spend_on_text(len(left) + len(right))
            return fitting_text(left + right)
        case list(), list():
            budget.spend((len(left) + len(right)) // ITEMS_A_COPY_STEP)
            if len(left) + len(right) > MAXIMUM_ITEMS:
                raise Exhausted(f"This makes a list of more than {MAXIMUM_ITEMS:,} items.")
            return left + right
        case (dt.datetime(), dt.timedelta()) | (dt.timedelta(), dt.datetime()) | (dt.timedelta(), dt.timedelta()):
            return _of_times(lambda: left + right)
        case _ if is_number(left) and is_number(right):
            return fitting_number(_fit(left) + _fit(right))
        case (str(), other) | (other, str()):
            raise ExpressionFailed(f"+ cannot join a text and {kind_of(other)}. Make it a text first: string(…).")
        case _:
            raise _unfit("+", left, right)


def subtract(budget: Budget, left: Value, right: Value) -> Value:
    match left, right:
        case (dt.datetime(), dt.datetime() | dt.timedelta()) | (dt.timedelta(), dt.timedelta()):
            return _of_times(lambda: left - right)
        case _ if is_number(left) and is_number(right):
            return fitting_number(_fit(left) - _fit(right))
        case _:
            raise _unfit("-", left, right)


def multiply(budget: Budget, left: Value, right: Value) -> Value:
    if is_number(left) and is_number(right):
        return fitting_number(_fit(left) * _fit(right))
    raise _unfit("*", left, right)


def divide(budget: Budget, left: Value, right: Value) -> Value:
    """Divide. Of two whole numbers the result is whole, cut towards 0, as CEL has it."""
    if not (is_number(left) and is_number(right)):
        raise _unfit("/", left, right)
    if right == 0:
        raise ExpressionFailed("Division by 0.")
    if isinstance(left, int) and isinstance(right, int):
        return fitting_number(_cut_quotient(_fit(left), _fit(right)))
    return fitting_number(_fit(left) / _fit(right))


def remainder(budget: Budget, left: Value, right: Value) -> Value:
    """The rest of a division of whole numbers; it has the sign of the left one."""
    if not (is_number(left) and is_number(right)):
        raise _unfit("%", left, right)
    if right == 0:
        raise ExpressionFailed("Division by 0.")
    if isinstance(left, int) and isinstance(right, int):
        return _fit(left) - _cut_quotient(left, _fit(right)) * right
    raise ExpressionFailed("% is of whole numbers only; int(…) cuts a fraction off.")


def equal(budget: Budget, left: Value, right: Value) -> Value:
    return are_equal(left, right, budget)


def unequal(budget: Budget, left: Value, right: Value) -> Value:
    return not are_equal(left, right, budget)


def is_in(budget: Budget, item: Value, container: Value) -> Value:
    match container:
        case list():
            return any(are_equal(item, other, budget) for other in container)
        case dict():
            return isinstance(item, str) and item in container
        case str():
            raise ExpressionFailed("in looks into lists and objects; of a text ask text.contains(part).")
        case _:
            raise ExpressionFailed(f"in looks into lists and objects, not into {kind_of(container)}.")


def ordering(sign: str, holds: Callable[[Value, Value], bool]) -> Operator:
    def compare(budget: Budget, left: Value, right: Value) -> Value:
        match left, right:
            case str(), str():
                budget.spend_on_text(min(len(left), len(right)))
            case (dt.datetime(), dt.datetime()) | (dt.timedelta(), dt.timedelta()):
                pass
            case _ if is_number(left) and is_number(right):
                pass
            case _:
                raise ExpressionFailed(f"{sign} cannot compare {kind_of(left)} with {kind_of(right)}.")
        return holds(left, right)

    return compare


def negative(value: Value) -> Value:
    if isinstance(value, dt.timedelta):
        return _of_times(lambda: -value)
    if is_number(value):
        return fitting_number(-_fit(value))
    raise ExpressionFailed(f"- stands before a number, not before {kind_of(value)}.")


def opposite(value: Value) -> Value:
    if isinstance(value, bool):
        return not value
    raise ExpressionFailed(f"! stands before true or false, not before {kind_of(value)}.")


OPERATORS: dict[str, Operator] = {
    "addition_add": add,
    "addition_sub": subtract,
    "multiplication_mul": multiply,
    "multiplication_div": divide,
    "multiplication_mod": remainder,
    "relation_eq": equal,
    "relation_ne": unequal,
    "relation_in": is_in,
    "relation_lt": ordering("<", lambda left, right: left < right),
    "relation_le": ordering("<=", lambda left, right: left <= right),
    "relation_gt": ordering(">", lambda left, right: left > right),
    "relation_ge": ordering(">=", lambda left, right: left >= right),
}
"""By the grammar's name."""


def _fit(number: int | float) -> int | float:
    # A whole number of the input may have thousands of digits; only those that fit are reckoned with.
    return fitting_number(number)


def _cut_quotient(left: int | float, right: int | float) -> int | float:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _of_times(compute: Callable[[], Value]) -> Value:
    try:
        return compute()
    except OverflowError:
        raise ExpressionFailed("The time is out of range: years go from 1 to 9999.") from None


def _unfit(sign: str, left: Value, right: Value) -> ExpressionFailed:
    return ExpressionFailed(f"{sign} cannot take {kind_of(left)} and {kind_of(right)}.")
