"""Whether a value is what a JSON Schema asks for, in sentences that name the field."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

MOST = 5
"""Sentences; more at once help nobody."""
_NOTHING_ELSEWHERE: Registry[Any] = Registry()
"""A schema that refers to another place is not followed there: nothing is fetched because of it."""


def misfits(value: object, schema: Mapping[str, Any], *, what: str) -> list[str]:
    """What in `value` does not fit `schema`, a sentence each, the first `MOST`; empty when it fits.

    `what` names the value: "The input".
    """
    validator = Draft202012Validator(dict(schema), registry=_NOTHING_ELSEWHERE)
    try:
        Draft202012Validator.check_schema(dict(schema))
        errors = sorted(validator.iter_errors(value), key=lambda error: [str(step) for step in error.absolute_path])
    except SchemaError as error:
        return [f"{what} cannot be checked: its schema is wrong ({error.message})."]
    except Unresolvable as error:
        return [f"{what} cannot be checked: its schema refers to {error.ref}, which it does not contain."]
    return [_sentence(best_match([error]) or error, what) for error in errors[:MOST]]


def _sentence(error: ValidationError, what: str) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    if error.validator == "required":
        missing = error.message.partition(" is a required")[0].strip("'\"")
        return f"{what} lacks the field {f'{path}.{missing}'.lstrip('.')}."
    where = f"{what}, field {path}," if path else what
    return f"{where} does not fit: {_short(error.message)}."


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"
