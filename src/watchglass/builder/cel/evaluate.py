"""Walk the small tree of an expression with the values it is given."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from lark import Token, Tree

from watchglass.builder.cel.bounds import Budget, Exhausted, ExpressionFailed, Missing, fitting_text
from watchglass.builder.cel.functions import FUNCTIONS, METHODS
from watchglass.builder.cel.operators import OPERATORS, negative, opposite
from watchglass.builder.cel.texts import text_of
from watchglass.builder.cel.tree import Expression, arguments_of, macro_variable, place_of
from watchglass.builder.cel.values import Value, field_of, fitting_number, item_of, kind_of, shortened


class Walk:
    """One evaluation: a method for each kind of tree, a budget, and failures that say where they happened.

    The values are JSON's own Python values instead of cel-python's classes: a scope may hold megabytes, and turning all
    of it into other objects for each expression would cost more than the expression. Why cel-python's own evaluator is
    not used: docs/decisions/expressions-in-cel.md.
    """

    def __init__(self, tree: Expression, names: Mapping[str, Value], budget: Budget) -> None:
        self._tree = tree
        self._names = dict(names)
        self._budget = budget

    def value(self) -> Value:
        return self._of(self._tree)

    def _of(self, tree: Expression | Token) -> Value:
        assert isinstance(tree, Tree)
        self._budget.spend(1)
        try:
            return _KINDS[tree.data](self, tree)
        except ExpressionFailed as failure:
            if failure.at is None:
                failure.at = place_of(tree)
            raise

    # What the tree is made of, in the order of the grammar.

    def _choose(self, tree: Expression) -> Value:
        *cases, otherwise = tree.children
        for condition, value in zip(cases[::2], cases[1::2], strict=True):
            if self._truth(condition, "?"):
                return self._of(value)
        return self._of(otherwise)

    def _any_of(self, tree: Expression) -> Value:
        return self._decided(tree, True, "||")

    def _all_of(self, tree: Expression) -> Value:
        return self._decided(tree, False, "&&")

    def _decided(self, tree: Expression, deciding: bool, sign: str) -> bool:
        """As CEL has it, one side that decides makes up for a failure of the other, in whatever order they stand."""
        return _first_deciding((partial(self._truth, side, sign) for side in tree.children), deciding)

    def _relation(self, tree: Expression) -> Value:
        operation, operand = tree.children
        assert isinstance(operation, Tree)
        left = self._of(operation.children[0])
        return OPERATORS[operation.data](self._budget, left, self._of(operand))

    def _arithmetic(self, tree: Expression) -> Value:
        value = self._of(tree.children[0])
        for operation, operand in zip(tree.children[1::2], tree.children[2::2], strict=True):
            assert isinstance(operation, Token)
            self._budget.spend(1)
            value = OPERATORS[operation.type](self._budget, value, self._of(operand))
        return value

    def _unary(self, tree: Expression) -> Value:
        operation, operand = tree.children
        assert isinstance(operation, Tree)
        value = self._of(operand)
        return negative(value) if operation.data == "unary_neg" else opposite(value)

    def _member_dot(self, tree: Expression) -> Value:
        container, name = tree.children
        return field_of(self._of(container), str(name))

    def _member_index(self, tree: Expression) -> Value:
        container, key = tree.children
        return item_of(self._of(container), self._of(key))

    def _member_dot_arg(self, tree: Expression) -> Value:
        subject, name = tree.children[:2]
        value = self._of(subject)
        if name in _MACROS:
            return _MACROS[str(name)](self, value, tree)
        arguments = [self._of(argument) for argument in arguments_of(tree)]
        return METHODS[str(name)].call(self._budget, value, *arguments)

    def _primary(self, tree: Expression) -> Value:
        """A name, a call, a list or an object: what has more to it than its one child."""
        child = tree.children[0]
        assert isinstance(child, Tree)
        return _KINDS[child.data](self, child)

    def _ident(self, tree: Expression) -> Value:
        name = str(tree.children[0])
        if name in self._names:
            return self._names[name]
        known = ", ".join(sorted(self._names))
        raise Missing(f"There is nothing called {name} here. There is {known}." if known else f"Unknown name {name}.")

    def _ident_arg(self, tree: Expression) -> Value:
        name = str(tree.children[0])
        if name == "has":
            return self._has(arguments_of(tree)[0])
        arguments = [self._of(argument) for argument in arguments_of(tree)]
        return arguments[0] if name == "dyn" else FUNCTIONS[name].call(self._budget, *arguments)

    def _list_lit(self, tree: Expression) -> Value:
        if not tree.children:
            return []
        items = tree.children[0]
        assert isinstance(items, Tree)
        return [self._of(item) for item in items.children]

    def _map_lit(self, tree: Expression) -> Value:
        made: dict[str, Value] = {}
        if not tree.children:
            return made
        pairs = tree.children[0]
        assert isinstance(pairs, Tree)
        for key_tree, value in zip(pairs.children[::2], pairs.children[1::2], strict=True):
            key = self._of(key_tree)
            if not isinstance(key, str):
                raise ExpressionFailed(f'The fields of an object are named by texts ("a": 1), not by {kind_of(key)}.')
            if key in made:
                raise ExpressionFailed(f"The field {shortened(key)} is there twice.")
            made[key] = self._of(value)
        return made

    def _literal(self, tree: Expression) -> Value:
        token = tree.children[0]
        assert isinstance(token, Token)
        match token.type:
            case "STRING_LIT" | "MLSTRING_LIT":
                return fitting_text(text_of(token))
            case "INT_LIT":
                return fitting_number(int(token, 16) if "x" in token else int(token))
            case "FLOAT_LIT":
                return fitting_number(float(token))
            case "BOOL_LIT":
                return token.value.startswith("t")
            case _:
                return None

    def _truth(self, tree: Expression | Token, sign: str) -> bool:
        value = self._of(tree)
        if isinstance(value, bool):
            return value
        assert isinstance(tree, Tree)
        raise ExpressionFailed(f"{sign} needs true or false, and this is {kind_of(value)}.", place_of(tree))

    def _has(self, tree: Expression | Token) -> bool:
        try:
            self._of(tree)
        except Missing:
            return False
        return True

    # The macros: the last argument is evaluated once for each item, with the item under the name that comes first.

    def _each(self, value: Value, tree: Expression) -> "Iterable[tuple[Value, Callable[[int], Value]]]":
        name = macro_variable(tree)
        arguments = arguments_of(tree)
        hidden = self._names.get(name, _NOTHING)
        try:
            for item in _items(value, str(tree.children[1])):
                self._budget.spend(1)
                self._names[name] = item
                yield item, lambda number: self._of(arguments[number])
        finally:
            if hidden is _NOTHING:
                self._names.pop(name, None)
            else:
                self._names[name] = hidden

    def _map(self, value: Value, tree: Expression) -> Value:
        each = self._each(value, tree)
        if len(arguments_of(tree)) == 2:
            return [of(1) for _, of in each]
        return [of(2) for _, of in each if self._condition(of, tree)]

    def _filter(self, value: Value, tree: Expression) -> Value:
        return [item for item, of in self._each(value, tree) if self._condition(of, tree)]

    def _all(self, value: Value, tree: Expression) -> Value:
        sides = (partial(self._condition, of, tree) for _, of in self._each(value, tree))
        return _first_deciding(sides, False)

    def _exists(self, value: Value, tree: Expression) -> Value:
        sides = (partial(self._condition, of, tree) for _, of in self._each(value, tree))
        return _first_deciding(sides, True)

    def _exists_one(self, value: Value, tree: Expression) -> Value:
        return sum(self._condition(of, tree) for _, of in self._each(value, tree)) == 1

    def _condition(self, of: Callable[[int], Value], tree: Expression) -> bool:
        met = of(1)
        if isinstance(met, bool):
            return met
        condition = arguments_of(tree)[1]
        assert isinstance(condition, Tree)
        raise ExpressionFailed(
            f"{tree.children[1]} needs true or false for each item, and this is {kind_of(met)}.", place_of(condition)
        )


_NOTHING: Final = object()
_KINDS: Final[dict[str, Callable[[Walk, Expression], Value]]] = {
    "choose": Walk._choose,
    "any_of": Walk._any_of,
    "all_of": Walk._all_of,
    "relation": Walk._relation,
    "arithmetic": Walk._arithmetic,
    "unary": Walk._unary,
    "member_dot": Walk._member_dot,
    "member_index": Walk._member_index,
    "member_dot_arg": Walk._member_dot_arg,
    "primary": Walk._primary,
    "ident": Walk._ident,
    "ident_arg": Walk._ident_arg,
    "list_lit": Walk._list_lit,
    "map_lit": Walk._map_lit,
    "literal": Walk._literal,
}
"""By what the tree calls it."""
_MACROS: Final[dict[str, Callable[[Walk, Value, Expression], Value]]] = {
    "map": Walk._map,
    "filter": Walk._filter,
    "all": Walk._all,
    "exists": Walk._exists,
    "exists_one": Walk._exists_one,
}


def _items(value: Value, macro: str) -> list[Value]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [*value]
    raise ExpressionFailed(f"{macro} goes through a list, not through {kind_of(value)}.")


def _first_deciding(sides: Iterable[Callable[[], bool]], deciding: bool) -> bool:
    """`deciding` when any side is it; else the first failure, if any; else the opposite."""
    failed: ExpressionFailed | None = None
    for side in sides:
        try:
            if side() is deciding:
                return deciding
        except Exhausted:
            raise
        except ExpressionFailed as failure:
            failed = failed or failure
    if failed is not None:
        raise failed
    return not deciding
