"""Read an expression into a small tree.

The grammar is cel-python's. Its tree has a level for each precedence, so that even `1` is nine levels deep; the small
tree keeps what means something, and makes a list of what is a chain:

    arithmetic    first, then (operator, operand) …     left to right: a - b + c, a * b / c
    any_of        a || b || c
    all_of        a && b && c
    choose        condition, value, condition, value, …, otherwise

So a sum of a thousand terms is one level deep, and how deep a tree may be can be bounded without refusing it.
"""

import re
from functools import lru_cache
from typing import Final

from celpy.celparser import CELParser
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from watchglass.builder.cel.bounds import MAXIMUM_DEPTH, MAXIMUM_LENGTH, MAXIMUM_SYMBOLS, ExpressionFailed
from watchglass.builder.cel.functions import FUNCTIONS, MACROS, METHODS
from watchglass.builder.cel.texts import symbols_in

Expression = Tree[Token]

_WRAPPERS: Final = frozenset(
    ("expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member")
)
_OPERATIONS: Final = {
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}
_MISUSED: Final = {
    "=": "To compare, write ==.",
    "&": "To join two conditions, write &&.",
    "|": "To join two conditions, write ||.",
    "$": "Names are written without $.",
    "`": "Texts stand between \" or '.",
    "“": "Texts stand between \" or '.",
    "„": "Texts stand between \" or '.",
}
_WORDS: Final = {"and": "&&", "or": "||", "not": "!", "None": "null", "nil": "null", "True": "true", "False": "false"}


def _grammar() -> Lark:
    CELParser()  # Makes the one grammar of the process, which is a constant of the class.
    if CELParser.CEL_PARSER is None:
        raise RuntimeError("cel-python made no grammar.")
    return CELParser.CEL_PARSER


_GRAMMAR: Final = _grammar()


def parse(text: str) -> Expression:
    """Read an expression; raises `ExpressionFailed` where it makes no sense whatever the values are.

    The tree is shared with whoever reads the same text: it is not to be changed.
    """
    return _parse_short(text) if len(text) <= _SHORT else _parse_long(text)


def parse_anew(text: str) -> Expression:
    """As `parse`, without looking whether it was read before."""
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionFailed(f"An expression has at most {MAXIMUM_LENGTH:,} characters; this one has {len(text):,}.")
    if not text.strip():
        raise ExpressionFailed("There is no expression after the =. A text that begins with = is written with two.")
    if symbols_in(text) > MAXIMUM_SYMBOLS:
        raise ExpressionFailed(f"An expression has at most {MAXIMUM_SYMBOLS:,} names, values and signs.")
    try:
        tree = _GRAMMAR.parse(text)
    except UnexpectedInput as error:
        raise _unreadable(text, error) from None
    small = _small(tree)
    _check(small)
    return small


def path_tree(text: str) -> Expression | None:
    """The tree of a plain path such as `nodes.reserve_stock.total`; None for anything else.

    Most expressions are one. The grammar takes a millisecond for it, and a large graph has thousands.
    """
    names = text.split(".")
    if not _PATH.fullmatch(text) or not _RESERVED.isdisjoint(names) or len(names) > MAXIMUM_DEPTH:
        return None
    end = len(names[0])
    tree = _at(Tree("primary", [_at(Tree("ident", [_name(names[0], 0)]), end)]), end)
    for name in names[1:]:
        start = end + 1
        end = start + len(name)
        tree = _at(Tree("member_dot", [tree, _name(name, start)]), end)
    return tree


_PATH: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")
_RESERVED: Final = frozenset(("true", "false", "null", "in"))


def _name(name: str, start: int) -> Token:
    return Token("IDENT", name, start_pos=start, end_pos=start + len(name))


def _at(tree: Expression, end: int) -> Expression:
    tree.meta.start_pos, tree.meta.end_pos, tree.meta.empty = 0, end, False
    return tree


_SHORT: Final = 80
"""Characters. Trees of short texts are kept by the thousand, those of long ones, up to 2 MB each, are not."""
_parse_short: Final = lru_cache(maxsize=2048)(lambda text: path_tree(text) or parse_anew(text))
_parse_long: Final = lru_cache(maxsize=64)(parse_anew)


def place_of(tree: Expression) -> tuple[int, int]:
    """From and to of what the tree was read from."""
    return tree.meta.start_pos, tree.meta.end_pos


def place_of_token(token: Token) -> tuple[int, int]:
    start = token.start_pos or 0
    return start, start + len(token)


def _unreadable(text: str, error: UnexpectedInput) -> ExpressionFailed:
    start = min(error.pos_in_stream or 0, len(text))
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            end = len(text.rstrip())
            needed = " A closing ) is missing." if "RPAR" in (error.accepts or ()) else ""
            return ExpressionFailed(f"The expression ends too early.{needed}", (max(end - 1, 0), end))
        word = str(error.token)
        if word in _WORDS:
            return ExpressionFailed(f'"{word}" is written {_WORDS[word]} here.', (start, start + len(word)))
        return ExpressionFailed(f'"{word}" cannot stand here.{_hint(word)}', (start, start + len(word)))
    if isinstance(error, UnexpectedCharacters):
        character = text[start : start + 1]
        hint = f" {_MISUSED[character]}" if character in _MISUSED else ""
        return ExpressionFailed(f'"{character}" cannot stand here.{hint}', (start, start + 1))
    return ExpressionFailed("The expression cannot be read.", (start, len(text)))


def _hint(word: str) -> str:
    return " An operator such as + or == is missing before it." if word[:1].isalnum() or word[:1] in "\"'_" else ""


def _small(tree: Expression) -> Expression:
    """Make the small tree, without recursion: the big one may be many thousands of levels deep."""
    made: dict[int, Expression | Token] = {}
    for node in tree.iter_subtrees():  # Children before their parents.
        children = [made[id(child)] if isinstance(child, Tree) else child for child in node.children]
        made[id(node)] = _node(node, children)
    small = made[id(tree)]
    assert isinstance(small, Tree)
    return small


def _node(node: Expression, children: list[Expression | Token]) -> Expression | Token:
    kind = node.data
    first = children[0] if children else None
    if len(children) == 1 and isinstance(first, Tree):
        if kind in _WRAPPERS or kind == "paren_expr":
            return first
        if kind == "primary" and first.data not in _NAMED:
            return first
    match kind:
        case "addition" | "multiplication":
            return _arithmetic(node, children)
        case "conditionalor":
            return _joined("any_of", node, children)
        case "conditionaland":
            return _joined("all_of", node, children)
        case "expr":
            return _choose(node, children)
        case _:
            return Tree(kind, children, node.meta)


_NAMED: Final = frozenset(("ident", "ident_arg", "dot_ident", "dot_ident_arg", "list_lit", "map_lit"))


def _arithmetic(node: Expression, children: list[Expression | Token]) -> Expression:
    operation, operand = children
    assert isinstance(operation, Tree)
    left = operation.children[0]
    before = left.children if isinstance(left, Tree) and left.data == "arithmetic" else [left]
    # The list of the left part is taken over, not copied: nothing else holds it, and copies of a long chain add up.
    before.append(Token(operation.data, _OPERATIONS[operation.data]))
    before.append(operand)
    return Tree("arithmetic", before, node.meta)


def _joined(kind: str, node: Expression, children: list[Expression | Token]) -> Expression:
    left, right = children
    before = left.children if isinstance(left, Tree) and left.data == kind else [left]
    before.append(right)
    return Tree(kind, before, node.meta)


def _choose(node: Expression, children: list[Expression | Token]) -> Expression:
    condition, value, otherwise = children
    rest = otherwise.children if isinstance(otherwise, Tree) and otherwise.data == "choose" else [otherwise]
    return Tree("choose", [condition, value, *rest], node.meta)


def _check(tree: Expression) -> None:
    """Refuse what is wrong whatever the values are: depth, unknown functions, wrong numbers of arguments."""
    open_trees = [(tree, 1)]
    while open_trees:
        node, depth = open_trees.pop()
        if depth > MAXIMUM_DEPTH:
            raise ExpressionFailed(f"This is nested more than {MAXIMUM_DEPTH} deep.", place_of(node))
        _check_node(node)
        # These add a level of the tree, none of meaning.
        deeper = depth if node.data in ("primary", "exprlist", "mapinits") else depth + 1
        open_trees.extend((child, deeper) for child in node.children if isinstance(child, Tree))


def _check_node(node: Expression) -> None:
    match node.data:
        case "member_object":
            raise ExpressionFailed("An object is written { }, without a name before it.", place_of(node))
        case "dot_ident" | "dot_ident_arg":
            raise ExpressionFailed("A name does not begin with a dot.", place_of(node))
        case "ident_arg":
            _check_function(node)
        case "member_dot_arg":
            _check_method(node)
        case "literal":
            _check_literal(node)


def _check_literal(node: Expression) -> None:
    token = node.children[0]
    assert isinstance(token, Token)
    if token.type in ("UINT_LIT", "BYTES_LIT"):
        raise ExpressionFailed("JSON has no such value: write a plain number or a plain text.", place_of(node))
    if token.type in ("INT_LIT", "FLOAT_LIT") and len(token) > 40:
        raise ExpressionFailed("The number is too long.", place_of(node))


def _check_function(node: Expression) -> None:
    name, arguments = _called(node, 0)
    if name == "has":
        if len(arguments) != 1 or not isinstance(arguments[0], Tree) or arguments[0].data != "member_dot":
            raise ExpressionFailed("has asks for one field: has(input.amount).", place_of(node))
        return
    if name == "dyn":
        _check_count(node, "dyn(value)", len(arguments), (1,))
        return
    if name not in FUNCTIONS:
        raise ExpressionFailed(_unknown(name), place_of(node))
    function = FUNCTIONS[name]
    _check_count(node, function.written, len(arguments), range(function.least, function.most + 1))


def _check_method(node: Expression) -> None:
    name, arguments = _called(node, 1)
    if name in MACROS:
        written, counts = MACROS[name]
        _check_count(node, written, len(arguments), counts)
        macro_variable(node)
        return
    if name not in METHODS:
        raise ExpressionFailed(_unknown(name), place_of(node))
    method = METHODS[name]
    _check_count(node, method.written, len(arguments), range(method.least - 1, method.most))


def macro_variable(node: Expression) -> str:
    """The name that a macro, such as `list.map(x, x + 1)`, gives to each item."""
    _, arguments = _called(node, 1)
    variable = arguments[0]
    if isinstance(variable, Tree) and variable.data == "primary":
        ident = variable.children[0]
        if isinstance(ident, Tree) and ident.data == "ident":
            return str(ident.children[0])
    raise ExpressionFailed("First comes a name for the item: list.map(x, x.price).", place_of(node))


def _called(node: Expression, before: int) -> tuple[str, list[Expression | Token]]:
    name = str(node.children[before])
    rest = node.children[before + 1 :]
    return name, rest[0].children if rest and isinstance(rest[0], Tree) else []


def arguments_of(node: Expression) -> list[Expression | Token]:
    """The arguments of a call, be it `name(…)` or `value.name(…)`."""
    return _called(node, 0 if node.data == "ident_arg" else 1)[1]


def _check_count(node: Expression, written: str, count: int, counts: range | tuple[int, ...]) -> None:
    if count not in counts:
        raise ExpressionFailed(f"It is called as {written}.", place_of(node))


def _unknown(name: str) -> str:
    if name in MACROS:
        return f"{name} stands behind a list: {MACROS[name][0]}."
    if name in METHODS:
        return f"{name} stands behind a value: {METHODS[name].written}."
    if name in FUNCTIONS:
        return f"It is called as {FUNCTIONS[name].written}."
    alike = [known for known in {**FUNCTIONS, **METHODS, **MACROS} if known.lower() == name.lower()]
    return f"There is no function {name}." + (f" Is {alike[0]} meant?" if alike else "")
