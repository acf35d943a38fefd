"""A visibility query that Temporal does not accept: which part of it is at fault."""

import re

_PREFIX = re.compile(r"^(invalid query: )?(malformed SQL query: |invalid expression: |operation is not supported: )?")
_POSITION = re.compile(r" at position (\d+)")
_SELECT = len("select * from table1 where ")
"""Servers parse the query behind these words, and count positions from their beginning."""
_NAMED = (
    re.compile(r"near '([^']+)'"),
    re.compile(r"(?:value|datetime|duration|operator) '([^']+)'"),
    re.compile(r"for search attribute \S+ of type \w+: \"?([^\"(]+?)\"? \(type"),
    re.compile(r"value for search attribute \S+: (\S+)"),
    re.compile(r"search attribute:? '?([\w`.]+)"),
    re.compile(r"'([^']+)'"),
)
"""How messages name what they complain about, the narrowest first."""


def refused_part(query: str, message: str) -> str | None:
    """The part of `query` that the server's `message` complains about, spelled as in the query; None if it is unclear.

    >>> refused_part("WorkflowTyp = 'A'", "invalid query: invalid search attribute: WorkflowTyp")
    '“WorkflowTyp”'
    >>> refused_part("WorkflowType = ", "invalid query: malformed SQL query: syntax error at position 42")
    'its end'
    """
    for pattern in _NAMED:
        for named in pattern.findall(message):
            place = query.lower().find(named.lower())
            if place >= 0:
                return f"“{query[place : place + len(named)]}”"
    found = _POSITION.search(message)
    if found is None:
        return None
    # The parser has read one character more than what it stumbles over.
    read = int(found[1]) - _SELECT
    if read > len(query.rstrip()):
        return "its end"
    return f"“{query[read - 2 :].strip()[:20]}”" if read >= 2 else None


def refusal_sentence(query: str, message: str) -> str:
    """What to tell the person who wrote the query."""
    part = refused_part(query, message)
    reason = _POSITION.sub("", _PREFIX.sub("", message)).rstrip(".")
    where = f" because of {part}" if part else ""
    return (
        f"Temporal does not accept the scope{where}: {reason}. A scope is a visibility query, such as "
        "WorkflowType = 'Order' AND ExecutionStatus = 'Running'."
    )
