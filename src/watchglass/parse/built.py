"""What a run that the builder started tells of itself: its version, its journal, and what its author chose.

Nothing here raises: a payload that cannot be read (a codec's, another version's, somebody else's) tells nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload, Payloads

from watchglass.model.chosen_policy import policy_of
from watchglass.model.journal import MEMO_JOURNAL, MEMO_RUN, BuiltRun, Journaled, JournalEntry
from watchglass.model.policy import NOT_CHOSEN, UNKNOWN_CHOICE, Choice
from watchglass.model.retry_choice import RetryChoice
from watchglass.parse.encoded import encoding_of, is_encoded
from watchglass.parse.search_attributes import read_json

_ENTRY: TypeAdapter[JournalEntry] = TypeAdapter(JournalEntry)
_RETRY: TypeAdapter[RetryChoice] = TypeAdapter(RetryChoice)
_ERRORS = TypeAdapter(tuple[str, ...])
_JUDGED = frozenset({"activity", "workflow"})


def built_run(memo: Mapping[str, bytes]) -> BuiltRun | None:
    """Which version of which workflow the run says it is; None when it does not say, or not readably."""
    data = memo.get(MEMO_RUN)
    if data is None:
        return None
    try:
        return BuiltRun.model_validate(read_json(data))
    except ValidationError:
        return None


def is_built(memo: Mapping[str, bytes]) -> bool:
    """Did the builder start the run? A memo that only a codec can read is taken at its name."""
    data = memo.get(MEMO_RUN)
    if data is None:
        return False
    return built_run(memo) is not None or is_encoded(encoding_of(Payload.FromString(data)))


def without_journal(memo: Mapping[str, bytes]) -> dict[str, bytes]:
    """The memo as people wrote it: the journal has rows of its own."""
    return {key: data for key, data in memo.items() if key != MEMO_JOURNAL}


def journaled(payload: Payload, event_id: int, written_at: int | None) -> list[Journaled]:
    """The entries of one upsert, without those that cannot be read."""
    found = read_json(payload.SerializeToString())
    if not isinstance(found, list):
        return []
    rows = (_journaled(entry, event_id, position, written_at) for position, entry in enumerate(found))
    return [row for row in rows if row is not None]


def _journaled(found: object, event_id: int, position: int, written_at: int | None) -> Journaled | None:
    try:
        entry = _ENTRY.validate_python(found)
    except ValidationError:
        return None
    output, cut = _output(entry)
    return Journaled(
        event_id=event_id,
        position=position,
        node_id=entry.node,
        iteration=entry.iteration,
        state=entry.state,
        at=_moment(entry.at) or written_at,
        port=entry.port,
        output=output,
        cut=cut,
        error=entry.error,
        item_count=entry.count,
    )


def _output(entry: JournalEntry) -> tuple[str | None, bool]:
    """The output as JSON, and whether there is more than is told."""
    if entry.cut or "output" not in entry.model_fields_set:
        return None, entry.cut
    try:
        return json.dumps(entry.output, ensure_ascii=False, allow_nan=False), False
    except (ValueError, RecursionError):  # NaN is no JSON, though Python reads it.
        return None, True


def _moment(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1 < moment.year < 9999:
        # A day around it may be outside of what Python counts.
        return None
    since = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """What the drawing says of a node that runs somewhere."""

    name: str
    """What people call it; empty when the drawing does not say."""
    choice: Choice = UNKNOWN_CHOICE


def nodes_in(result: Payloads) -> dict[str, DrawnNode] | None:
    """The nodes of the graph that the run read, by id; None when it cannot be read."""
    graph = read_json(result.payloads[0].SerializeToString()) if result.payloads else None
    nodes = graph.get("nodes") if isinstance(graph, dict) else None
    if not isinstance(nodes, list):
        return None
    found = (node for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str))
    return {node["id"]: DrawnNode(_name(node), _choice(node)) for node in found}


def _name(node: dict[str, Any]) -> str:
    name = node.get("name")
    return name if isinstance(name, str) else ""


def _choice(node: dict[str, Any]) -> Choice:
    if node.get("kind") not in _JUDGED:
        return UNKNOWN_CHOICE
    retry = node.get("retry")
    if retry is None:
        return NOT_CHOSEN
    try:
        errors = _ERRORS.validate_python(node.get("nonRetryableErrors") or ())
        return Choice(policy_of(_RETRY.validate_python(retry), errors))
    except ValidationError:
        return UNKNOWN_CHOICE
