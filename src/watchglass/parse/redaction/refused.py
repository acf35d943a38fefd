"""Rules that cannot be used: each is looked at by itself, so that all of them are known at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from watchglass.errors import InvalidInput
from watchglass.model.redaction import RedactionRules
from watchglass.parse.redaction.patterns import patterns_of
from watchglass.parse.redaction.places import places_of

WrittenKind = Literal["keys", "paths", "expressions"]
"""What people write themselves; named patterns can always be used."""


@dataclass(frozen=True, slots=True)
class Refused:
    kind: WrittenKind
    at: int
    """Its place among the rules of its kind, from 0."""
    message: str


def refused_rules(rules: RedactionRules) -> list[Refused]:
    """Those that `Redactor` would refuse, with the reason."""
    kinds: tuple[tuple[WrittenKind, Sequence[str]], ...] = (
        ("keys", rules.keys),
        ("paths", rules.paths),
        ("expressions", rules.expressions),
    )
    found = ((kind, at, _reason(kind, text)) for kind, texts in kinds for at, text in enumerate(texts))
    return [Refused(kind, at, reason) for kind, at, reason in found if reason is not None]


def without(rules: RedactionRules, refused: Sequence[Refused]) -> RedactionRules:
    """The rules that are left."""
    places = {(one.kind, one.at) for one in refused}

    def left(kind: WrittenKind, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for at, text in enumerate(texts) if (kind, at) not in places)

    return replace(
        rules,
        keys=left("keys", rules.keys),
        paths=left("paths", rules.paths),
        expressions=left("expressions", rules.expressions),
    )


def _reason(kind: WrittenKind, text: str) -> str | None:
    alone = RedactionRules(
        keys=(text,) if kind == "keys" else (),
        paths=(text,) if kind == "paths" else (),
        expressions=(text,) if kind == "expressions" else (),
    )
    try:
        places_of(alone)
        patterns_of(alone)
    except InvalidInput as error:
        return error.message
    return None
