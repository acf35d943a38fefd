"""Answers for people who may not see values: everything that a run handled is taken out, whatever holds it.

It goes by type and not by place, so that a value in a field that is new is hidden as well.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from watchglass.api.shapes.payload import Payload, SearchAttribute
from watchglass.api.shapes.run_graph import ApprovalRequest

ModelT = TypeVar("ModelT", bound=BaseModel)

_TEMPORALS_OWN = frozenset({"BinaryChecksums", "BuildIds", "BatcherNamespace", "BatcherUser"})
"""Search attributes that Temporal itself fills in, beside those that begin with `Temporal`."""


def without_values(answer: ModelT) -> ModelT:
    """The answer with its payloads, search attributes and questions hidden."""
    return cast(ModelT, _hidden(answer))


def _hidden(part: Any) -> Any:
    """The same object where there is nothing to hide."""
    match part:
        case Payload():
            return _payload(part)
        case ApprovalRequest():
            return part.model_copy(update={"question": None})
        case BaseModel():
            return _model(part)
        case Mapping():
            named = {name: _named(name, value) for name, value in part.items()}
            return part if all(named[name] is value for name, value in part.items()) else named
        case list() | tuple():
            each = [_hidden(value) for value in part]
            return part if all(new is old for new, old in zip(each, part, strict=True)) else type(part)(each)
    return part


def _model(model: BaseModel) -> BaseModel:
    changed = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        hidden = _hidden(value)
        if hidden is not value:
            changed[name] = hidden
    return model.model_copy(update=changed) if changed else model


def _named(name: str, value: Any) -> Any:
    if isinstance(value, SearchAttribute):
        if name.startswith("Temporal") or name in _TEMPORALS_OWN:
            return value
        return value.model_copy(update={"text": None, "hidden": True})
    return _hidden(value)


def _payload(payload: Payload) -> Payload:
    return payload.model_copy(
        update={
            "text": None,
            "sha256": None,
            "truncated": False,
            "sanitised": False,
            "redacted": False,
            "hidden": True,
        }
    )
