"""A query's input as parameters of its URL.

Which queries are asked by GET follows from their inputs: those whose every field is a text, a number, a truth value,
a list of these, or an object of such fields. The others are asked by POST, with the input as JSON.

    ?limit=20&status=failed&status=timed_out&topLevel=true   →   {"limit": 20, "status": ["failed", "timed_out"], …}
    ?component.kind=activity&component.name=pay              →   {"component": {"kind": "activity", "name": "pay"}}
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import to_json

from watchglass.api.schemas import Schema, Schemas, schemas_of
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.router import Kind, Procedure

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,399})(\.[0-9]{1,399})?([eE][+-]?[0-9]{1,3})?")
_JSON_KINDS = frozenset({"integer", "number", "boolean"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of an input, in a URL; `object.field` where it is one of an object."""

    name: str
    is_list: bool
    is_json: bool
    """A number or a truth value, written as in JSON; else a text as it is."""

    def value(self, given: Sequence[str]) -> Any:
        """The field's value. What is not written as its kind stays a text, and validation says so."""
        values = [_from_text(text) if self.is_json else text for text in given]
        return values if self.is_list else values[0]


@cache
def parameters_of(procedure: Procedure) -> Mapping[str, Parameter] | None:
    """How its input is written in a URL; None when it is asked by POST."""
    if procedure.kind is Kind.MUTATION:
        return None
    if procedure.input is None:
        return {}
    schemas, document = schemas_of([procedure], generator=Schemas)
    definitions: Schema = document.get("$defs", {})
    schema = _resolved(schemas[procedure.name, "input"], definitions)
    fields = flat_fields(schema, definitions)
    found = {name: _parameter(name, field, definitions) for name, field in fields.items()}
    parameters = {name: parameter for name, parameter in found.items() if parameter is not None}
    return parameters if len(parameters) == len(found) and not procedure.is_input_optional else None


def flat_fields(schema: Schema, definitions: Schema) -> dict[str, Schema]:
    """The fields of an input by the names that they have in a URL."""
    found: dict[str, Schema] = {}
    for name, field in schema.get("properties", {}).items():
        of_object = _fields(field, definitions)
        found |= {f"{name}.{inner}": each for inner, each in of_object.items()} if of_object else {name: field}
    return found


def _fields(schema: Schema, definitions: Schema) -> Schema:
    """Of an object that may be left out; none: it is no object."""
    schema = _resolved(schema, definitions)
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        return _fields(choices[0], definitions)
    fields: Schema = schema.get("properties", {})
    return fields


def read_parameters(procedure: Procedure, given: Sequence[tuple[str, str]]) -> bytes:
    """The input as JSON.

    Raises:
        TRPCError: BAD_REQUEST, a parameter that there is none of, or several where one is wanted.
    """
    parameters = parameters_of(procedure) or {}
    texts: dict[str, list[str]] = {}
    for name, text in given:
        texts.setdefault(name, []).append(text)
    for name, values in texts.items():
        parameter = parameters.get(name)
        if parameter is None:
            known = ", ".join(parameters) or "none"
            raise _refusal(name, f"There is no such parameter. {procedure.name} takes: {known}.")
        if len(values) > 1 and not parameter.is_list:
            raise _refusal(name, "This parameter is given more than once.")
    given_input: dict[str, Any] = {}
    for name, values in texts.items():
        *of_object, field = name.split(".")
        place = given_input.setdefault(of_object[0], {}) if of_object else given_input
        place[field] = parameters[name].value(values)
    return to_json(given_input)


def _refusal(name: str, message: str) -> TRPCError:
    shown = name[:100]
    issue = {"path": [shown], "message": message, "type": "parameter"}
    return TRPCError("BAD_REQUEST", f"The parameter {shown!r} is not valid: {message}", {"issues": [issue]})


def _from_text(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _parameter(name: str, schema: Schema, definitions: Schema) -> Parameter | None:
    """None: neither one plain value nor a list of them."""
    kinds = _kinds(schema, definitions)
    if kinds == {"array"}:
        items = _kinds(_the_list(schema, definitions).get("items", {}), definitions)
        return None if "other" in items | (items & {"array"}) else Parameter(name, True, bool(items & _JSON_KINDS))
    if "other" in kinds or "array" in kinds:
        return None
    return Parameter(name, False, bool(kinds & _JSON_KINDS))


def _kinds(schema: Schema, definitions: Schema) -> set[str]:
    schema = _resolved(schema, definitions)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return set().union(*(_kinds(choice, definitions) for choice in choices))
    kind = schema.get("type", "string" if "enum" in schema or "const" in schema else "other")
    return set() if kind == "null" else {"other" if kind == "object" else kind}


def _the_list(schema: Schema, definitions: Schema) -> Schema:
    schema = _resolved(schema, definitions)
    choices = schema.get("anyOf", ())
    return next((choice for choice in choices if choice.get("type") == "array"), schema)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema
