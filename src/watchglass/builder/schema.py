"""Whether a value fits a JSON Schema (2020-12), with bounds, where parts of the value may not be known yet.

Schemas come from people. So patterns are RE2's, whose time is linear; nothing is fetched from anywhere; and the work is
counted, because a schema of twenty lines that refers to itself can ask for 2^20 checks.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from watchglass.builder.cel.values import kind_of
from watchglass.errors import InvalidInput

Schema = Mapping[str, Any]

WHOLE: Final = "The value"
"""What a misfit calls the value as a whole."""
MOST: Final = 20
"""Misfits that are told; more at once help nobody."""
MAXIMUM_SCHEMA: Final = 100_000
"""Characters of a schema's JSON."""
MAXIMUM_DEPTH: Final = 60
_TYPES: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


class SchemaUnfit(InvalidInput):
    """A schema that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a value that an expression gives when it runs."""

    types: frozenset[str] = frozenset()
    """The JSON Schema types that it may have; empty: any."""


@dataclass(frozen=True, slots=True)
class Misfit:
    field: str
    """JSON pointer into the value; of something that is missing, where it would be."""
    message: str


class Work:
    """How much may still be checked. One for all schemas of a graph, so that many bad ones are no worse than one."""

    def __init__(self, checks: int = 20_000) -> None:
        self._left = checks

    def spend(self, checks: int) -> None:
        self._left -= checks
        if self._left < 0:
            raise SchemaUnfit("It asks for too much work: it may refer to itself again and again.")


def misfits(value: Any, schema: Schema, work: Work | None = None) -> list[Misfit]:
    """What in `value` does not fit, the first `MOST`, in the value's order; raises `SchemaUnfit`."""
    validator = _validator(_written(schema))
    token = _work.set(work or Work())
    try:
        errors: list[ValidationError] = []
        for error in validator.iter_errors(value):
            errors.append(error)
            if len(errors) >= MOST:
                break
        return [_told(error) for error in errors]
    except Unresolvable as error:
        raise SchemaUnfit(f"The schema refers to {error.ref}, which it does not contain.") from None
    except RecursionError:
        raise SchemaUnfit("The schema refers to itself without end.") from None
    finally:
        _work.reset(token)


def check_schema(schema: Any) -> str | None:
    """Why this is no schema of an object that can be used; None when it is one."""
    if not isinstance(schema, Mapping):
        return "A JSON Schema is an object."
    wrong = unfit(schema)
    if wrong is not None:
        return wrong
    if schema.get("type", "object") != "object":
        return 'The schema is of an object: its "type" is "object".'
    return None


def unfit(schema: Schema) -> str | None:
    """Why nothing can be compared with this schema; None when it can."""
    try:
        _validator(_written(schema))
    except SchemaUnfit as error:
        return error.message
    return None


def types_of(schema: Any) -> frozenset[str]:
    """The types that values of the schema may have, where it says so by itself; empty: any."""
    if not isinstance(schema, Mapping):
        return frozenset()
    said = schema.get("type")
    listed = said if isinstance(said, list) else [said]
    types = frozenset(type for type in listed if isinstance(type, str))
    return types | {"integer"} if "number" in types else types


def in_words(types: frozenset[str]) -> str:
    """Types as people say them: "a text or null"."""
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(_TYPES.get(type, type) for type in sorted(shown, key=lambda type: (type == "null", type)))


_work: ContextVar[Work] = ContextVar("_work")


def _written(schema: Schema) -> str:
    try:
        text = json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise SchemaUnfit("The schema is no JSON.") from None
    if len(text) > MAXIMUM_SCHEMA:
        raise SchemaUnfit(f"The schema has more than {MAXIMUM_SCHEMA:,} characters.")
    return text


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    schema = json.loads(text)
    _check_depth(schema)
    try:
        _SCHEMAS.validate(schema)
    except ValidationError as error:
        where = "".join(f"/{step}" for step in error.absolute_path)
        raise SchemaUnfit(f"The schema is wrong{f' at {where}' if where else ''}: {_plain(error.message)}.") from None
    for pattern in _patterns(schema):
        if _compiled(pattern) is None:
            raise SchemaUnfit(f"The pattern {pattern!r} in the schema cannot be read.")
    return _Bounded(schema, registry=_NOTHING_ELSEWHERE)


def _check_depth(schema: Any) -> None:
    waiting = [(schema, 0)]
    while waiting:
        this, depth = waiting.pop()
        if depth > MAXIMUM_DEPTH:
            raise SchemaUnfit(f"The schema is nested more than {MAXIMUM_DEPTH} deep.")
        inner = this.values() if isinstance(this, dict) else this if isinstance(this, list) else ()
        waiting.extend((item, depth + 1) for item in inner)


def _patterns(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        this = waiting.pop()
        if isinstance(this, dict):
            if isinstance(pattern := this.get("pattern"), str):
                yield pattern
            if isinstance(several := this.get("patternProperties"), dict):
                yield from several
            waiting.extend(this.values())
        elif isinstance(this, list):
            waiting.extend(this)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options=options)
    except re2.error:
        return None


Keyword = Callable[[Any, Any, Any, Any], Any]
"""Of jsonschema: (validator, the keyword's value, the instance, the schema) -> the errors, or None."""


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        _work.get().spend(len(instance) // 100)
        compiled = _compiled(pattern)
        if compiled is not None and not compiled.search(instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, inner in patterns.items():
        compiled = _compiled(pattern)
        for key, value in instance.items():
            _work.get().spend(1)
            if compiled is not None and compiled.search(key):
                yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As the library's, but for the patterns; and it names each field, so that each can be pointed at."""
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = [_compiled(pattern) for pattern in schema.get("patternProperties", {})]
    for key, value in instance.items():
        if key in known or any(pattern is not None and pattern.search(key) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError("is not known", path=[key], validator="additionalProperties")
        elif isinstance(allowed, dict):
            yield from validator.descend(value, allowed, path=key)


def _type(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    wanted = types_of({"type": types})
    if isinstance(instance, Unknown):
        if instance.types and not instance.types & wanted:
            yield ValidationError(f"is {in_words(instance.types)}, and {in_words(wanted)} is wanted")
    elif not any(validator.is_type(instance, type) for type in wanted):
        yield ValidationError(f"is {kind_of(instance)}, and {in_words(wanted)} is wanted")


def _one_of(validator: Any, schemas: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """What is not known may fit several; then one of them may still be the one."""
    fitting = [each for each in schemas if validator.evolve(schema=each).is_valid(instance)]
    if not fitting or (len(fitting) > 1 and not _has_unknown(instance)):
        yield ValidationError("fits none of the forms it may have" if not fitting else "fits several of its forms")


def _has_unknown(value: Any) -> bool:
    waiting = [value]
    while waiting:
        this = waiting.pop()
        if isinstance(this, Unknown):
            return True
        if isinstance(this, dict):
            waiting.extend(this.values())
        elif isinstance(this, list):
            waiting.extend(this)
    return False


def _counted(keyword: Keyword, *, needs_all: bool) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        _work.get().spend(1)
        if needs_all and _has_unknown(instance):
            return
        yield from keyword(validator, value, instance, schema) or ()

    return check


_ALSO_OF_UNKNOWN: Final = frozenset(
    ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "type", "properties", "required")
)
"""Keywords that can be judged though something inside is not known."""
_OF_THE_OUTSIDE: Final = frozenset(
    (
        *("additionalProperties", "patternProperties", "items", "prefixItems", "maxItems", "minItems"),
        *("maxProperties", "minProperties", "dependentRequired", "propertyNames"),
    )
)
"""Keywords that look at how many or which there are, or hand on each part by itself."""
_OWN: Final[dict[str, Keyword]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "type": _type,
    "oneOf": _one_of,
}
_Bounded: Final = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={
        name: _counted(_OWN.get(name, keyword), needs_all=name not in _ALSO_OF_UNKNOWN and name not in _OF_THE_OUTSIDE)
        for name, keyword in dict[str, Any](Draft202012Validator.VALIDATORS).items()
    },
)
_SCHEMAS: Final = Draft202012Validator(Draft202012Validator.META_SCHEMA)
_NOTHING_ELSEWHERE: Final[Registry[Any]] = Registry()


def _told(error: ValidationError) -> Misfit:
    path = [*error.absolute_path]
    if error.validator == "required":
        # The library says which one only in its message: "'amount' is a required property".
        wanted: Any = error.validator_value
        missing = [name for name in wanted if name not in _instance(error)]
        name = next((name for name in missing if error.message.startswith(repr(name))), missing[0])
        return Misfit(_pointer([*path, name]), f"{_named([*path, name])} is missing.")
    return Misfit(_pointer(path), f"{_named(path)} {_said(error)}.")


def _said(error: ValidationError) -> str:
    match error.validator:
        case "enum":
            return f"is none of {_list(error.validator_value)}"
        case "const":
            return f"is not {json.dumps(error.validator_value)}"
        case "type" | "additionalProperties" | "oneOf":
            return error.message
        case "anyOf":
            return "fits none of the forms it may have"
        case "minLength" | "maxLength":
            least = "at least" if error.validator == "minLength" else "at most"
            return f"has {len(_instance(error))} characters, and {least} {error.validator_value} are wanted"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"is {error.instance}, and {_LIMITS[str(error.validator)]} {error.validator_value} is wanted"
        case "minItems" | "maxItems":
            least = "at least" if error.validator == "minItems" else "at most"
            return f"has {len(_instance(error))} items, and {least} {error.validator_value} are wanted"
        case "pattern":
            return f"does not have the form {error.validator_value}"
        case _:
            return f"does not fit: {_plain(error.message)}"


def _instance(error: ValidationError) -> Any:
    return error.instance


_LIMITS: Final = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _list(values: Any) -> str:
    shown = [json.dumps(value, ensure_ascii=False) for value in values[:8]]
    return ", ".join(shown) + (", …" if len(values) > 8 else "")


def _plain(message: str) -> str:
    return re.sub(r"Unknown\(.*?\)", "(an expression)", message if len(message) <= 300 else f"{message[:299]}…")


def _pointer(path: list[Any]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _named(path: list[Any]) -> str:
    if not path:
        return WHOLE
    return "“" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") + "”"
