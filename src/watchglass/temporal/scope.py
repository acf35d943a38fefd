"""The scope of a connection: a visibility query that somebody wrote, joined with conditions of ours."""

import re

from watchglass.temporal.access import Access
from watchglass.temporal.errors import QuestionRefused, TemporalRefused
from watchglass.temporal.refused_query import refusal_sentence
from watchglass.temporal.visibility import count_runs

_WORD = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[()]|\w+|\s+|.", re.DOTALL)


def join(*conditions: str) -> str:
    """All of the conditions, each in brackets so that an OR within one stays within it; empty ones are left out."""
    return " AND ".join(f"({condition})" for condition in conditions if condition.strip())


def check_scope(scope: str) -> None:
    """Make sure that a scope in brackets stays within them, whatever stands beside it.

    Raises:
        QuestionRefused
    """
    depth = 0
    for word in _WORD.findall(scope):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth < 0 or word in {"'", '"', "`"}:
            break
    else:
        if depth == 0:
            return
    raise QuestionRefused(
        f"The scope {scope!r} has brackets or quotes that do not pair up. Correct it in the connection's settings."
    )


async def explain_refusal(access: Access, scope: str, refusal: TemporalRefused) -> TemporalRefused:
    """A refused question's error, which speaks of the scope and its part when the server refuses that by itself.

    Raises:
        TemporalUnavailable, TemporalBusy, NamespaceMissing
    """
    if not scope.strip() or not isinstance(refusal, QuestionRefused):
        return refusal
    try:
        await count_runs(access, scope)
    except QuestionRefused as error:
        sentence = refusal_sentence(scope, getattr(error.__cause__, "message", None) or error.message)
        return QuestionRefused(f"{sentence} Correct it in the connection's settings.")
    return refusal
