"""Whether a value is what a JSON Schema asks for, in sentences that name the field."""

from collections.abc import Mapping
from typing import Any, Final

from watchglass.builder import schema as schemas

MOST: Final = 5
"""Sentences; more at once help nobody."""
_CHECKS_A_PART: Final = 20
"""How many checks a schema may ask for of each value inside the value, so that a long list is not too much."""


def misfits(value: object, schema: Mapping[str, Any], *, what: str) -> list[str]:
    """What in `value` does not fit `schema`, a sentence each, the first `MOST`; empty when it fits.

    `what` names the value: "The input".
    """
    try:
        found = schemas.misfits(value, schema, schemas.Work(20_000 + _CHECKS_A_PART * _parts(value)))
    except schemas.SchemaUnfit as error:
        return [f"{what} cannot be checked: {error.message}"]
    return [_sentence(misfit, what) for misfit in found[:MOST]]


def _sentence(misfit: schemas.Misfit, what: str) -> str:
    if not misfit.field:
        return misfit.message.replace(schemas.WHOLE, what, 1)
    return f"{what} does not fit: {misfit.message}"


def _parts(value: object) -> int:
    waiting, count = [value], 0
    while waiting:
        this = waiting.pop()
        count += 1
        waiting.extend(this.values() if isinstance(this, dict) else this if isinstance(this, list) else ())
    return count
