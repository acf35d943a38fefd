"""What is known of a value before it is there: the JSON Schema that it will fit, and what an expression makes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lark import Token, Tree

from watchglass.builder.cel.functions import FUNCTIONS, METHODS
from watchglass.builder.cel.texts import text_of
from watchglass.builder.cel.tree import Expression, arguments_of, macro_variable
from watchglass.builder.schema import types_of

Schema = Mapping[str, Any]
_NOTHING: Final[Schema] = {}
_MOST_HOPS: Final = 20
"""References from one place of a schema to another, in a row."""


@dataclass(frozen=True, slots=True)
class Known:
    """A schema, and the document that its references point into."""

    schema: Schema = field(default_factory=dict)
    document: Schema = field(default_factory=dict)
    made_of: "Mapping[str, Known] | None" = None
    """Of an object that is made here: its fields, each with its own document."""
    made_from: "Known | None" = None
    """Of a list that is made here: what its items are."""

    @classmethod
    def of(cls, schema: Any) -> "Known":
        return cls(schema, schema) if isinstance(schema, Mapping) else ANY

    @property
    def types(self) -> frozenset[str]:
        """JSON Schema types; empty: any."""
        found: set[str] = set()
        for form in self._forms():
            types = types_of(form.schema)
            if not types and isinstance(form.schema.get("enum"), list):
                types = frozenset(_type_of_value(value) for value in form.schema["enum"])
            if not types and "const" in form.schema:
                types = frozenset((_type_of_value(form.schema["const"]),))
            if not types and isinstance(form.schema.get("properties"), Mapping):
                types = frozenset(("object",))
            if not types:
                return frozenset()
            found |= types
        return frozenset(found)

    @property
    def fields(self) -> dict[str, "Known"]:
        """The fields that an object of it is known to have."""
        found: dict[str, Known] = dict(self.made_of or {})
        for form in self._forms():
            properties = form.schema.get("properties")
            for name, schema in properties.items() if isinstance(properties, Mapping) else ():
                found.setdefault(str(name), Known._within(schema, form.document))
        return found

    @property
    def is_closed(self) -> bool:
        """Has it fields, and is no other one meant to be there?"""
        if self.made_of is not None:
            return True
        forms = [form.schema for form in self._forms() if types_of(form.schema) != {"null"}]
        return bool(forms) and all(
            bool(form.get("properties"))
            and form.get("additionalProperties") in (None, False)
            and "patternProperties" not in form
            and not any(word in form for word in ("allOf", "if", "then", "else", "dependentSchemas"))
            for form in forms
        )

    def at(self, name: str) -> "Known | None":
        """A field of it; None when it is known not to have one of that name."""
        found = self.fields.get(name)
        if found is not None:
            return found
        types = self.types
        if types and "object" not in types:
            return None
        return None if self.is_closed else ANY

    @property
    def item(self) -> "Known":
        """What the items of a list of it are."""
        if self.made_from is not None:
            return self.made_from
        for form in self._forms():
            items = form.schema.get("items")
            if isinstance(items, Mapping):
                return Known._within(items, form.document)
        return ANY

    def _forms(self) -> Iterator["Known"]:
        """It, or what it may be instead, with references followed."""
        waiting, seen = [self], 0
        while waiting and seen < _MOST_HOPS:
            seen += 1
            form = waiting.pop(0)
            schema = form.schema
            reference = schema.get("$ref")
            several = schema.get("anyOf") or schema.get("oneOf")
            if isinstance(reference, str):
                waiting.append(Known._within(_followed(reference, form.document), form.document))
            elif isinstance(several, list) and several:
                waiting.extend(Known._within(each, form.document) for each in several)
            else:
                yield form
        if waiting:
            yield ANY

    @classmethod
    def _within(cls, schema: Any, document: Schema) -> "Known":
        return cls(schema, document) if isinstance(schema, Mapping) else ANY


def _followed(reference: str, document: Schema) -> Any:
    at: Any = document
    for step in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else [""]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            return _NOTHING
        at = at[name]
    return at


ANY: Final = Known()
BOOLEAN: Final = Known({"type": "boolean"})
STRING: Final = Known({"type": "string"})
INTEGER: Final = Known({"type": "integer"})
NUMBER: Final = Known({"type": "number"})
NULL: Final = Known({"type": "null"})


def list_of(item: Known) -> Known:
    return Known({"type": "array"}, made_from=item)


def object_of(fields: Mapping[str, Known]) -> Known:
    """An object with these fields and no others."""
    return Known({"type": "object"}, made_of=fields)


def infer(tree: Expression | Token, names: Mapping[str, Known]) -> Known:
    """What is known of an expression's value. Where that would take thought, nothing is."""
    if not isinstance(tree, Tree):
        return ANY
    rule = _RULES.get(tree.data)
    return rule(tree, names) if rule is not None else ANY


def _primary(tree: Expression, names: Mapping[str, Known]) -> Known:
    child = tree.children[0]
    assert isinstance(child, Tree)
    match child.data:
        case "ident":
            return names.get(str(child.children[0]), ANY)
        case "ident_arg":
            return _call(child)
        case "list_lit":
            return Known({"type": "array"})
        case "map_lit":
            return _object(child, names)
        case _:
            return ANY


def _call(tree: Expression) -> Known:
    name = str(tree.children[0])
    if name == "has":
        return BOOLEAN
    function = FUNCTIONS.get(name)
    return Known({"type": function.result}) if function is not None and function.result else ANY


def _object(tree: Expression, names: Mapping[str, Known]) -> Known:
    pairs = tree.children[0].children if tree.children and isinstance(tree.children[0], Tree) else []
    fields: dict[str, Known] = {}
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        name = literal_text(key)
        if name is None:
            return Known({"type": "object"})
        fields[name] = infer(value, names)
    return object_of(fields)


def literal_text(tree: Expression | Token) -> str | None:
    """The text that a tree is, when it is written out."""
    token = tree.children[0] if isinstance(tree, Tree) and tree.data == "literal" else None
    is_text = isinstance(token, Token) and token.type in ("STRING_LIT", "MLSTRING_LIT")
    return text_of(str(token)) if is_text else None


def _literal(tree: Expression, names: Mapping[str, Known]) -> Known:
    token = tree.children[0]
    assert isinstance(token, Token)
    return _LITERALS.get(token.type, ANY)


_LITERALS: Final = {
    "STRING_LIT": STRING,
    "MLSTRING_LIT": STRING,
    "INT_LIT": INTEGER,
    "FLOAT_LIT": NUMBER,
    "BOOL_LIT": BOOLEAN,
    "NULL_LIT": NULL,
}


def _field(tree: Expression, names: Mapping[str, Known]) -> Known:
    container, name = tree.children
    return infer(container, names).at(str(name)) or ANY


def _index(tree: Expression, names: Mapping[str, Known]) -> Known:
    container = infer(tree.children[0], names)
    name = literal_text(tree.children[1])
    return (container.at(name) or ANY) if name is not None else container.item


def _method(tree: Expression, names: Mapping[str, Known]) -> Known:
    name = str(tree.children[1])
    subject = infer(tree.children[0], names)
    match name:
        case "all" | "exists" | "exists_one":
            return BOOLEAN
        case "filter":
            return subject if subject.types == {"array"} else Known({"type": "array"})
        case "map":
            return list_of(infer(arguments_of(tree)[-1], {**names, macro_variable(tree): subject.item}))
        case "min" | "max":
            return subject.item
    result = METHODS[name].result if name in METHODS else None
    return Known({"type": result}) if result else ANY


def _arithmetic(tree: Expression, names: Mapping[str, Known]) -> Known:
    operands = [infer(operand, names).types for operand in tree.children[::2]]
    if all(types and types <= {"integer"} for types in operands):
        return INTEGER
    if all(types and types <= {"integer", "number"} for types in operands):
        return NUMBER
    # A moment is a text to a schema, and what comes of adding to it is one too.
    return STRING if any(types == {"string"} for types in operands) else ANY


def _choose(tree: Expression, names: Mapping[str, Known]) -> Known:
    values = [infer(value, names) for value in [*tree.children[1:-1:2], tree.children[-1]]]
    return values[0] if all(value == values[0] for value in values) else ANY


def _unary(tree: Expression, names: Mapping[str, Known]) -> Known:
    operation, operand = tree.children
    is_not = isinstance(operation, Tree) and operation.data == "unary_not"
    return BOOLEAN if is_not else infer(operand, names)


def _truth(tree: Expression, names: Mapping[str, Known]) -> Known:
    return BOOLEAN


_RULES: Final = {
    "primary": _primary,
    "literal": _literal,
    "member_dot": _field,
    "member_index": _index,
    "member_dot_arg": _method,
    "arithmetic": _arithmetic,
    "choose": _choose,
    "unary": _unary,
    "relation": _truth,
    "any_of": _truth,
    "all_of": _truth,
}


def _type_of_value(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
