"""Writes down what control nodes do: all of one workflow task in one memo upsert."""

import json
from typing import Any, Literal

from temporalio import workflow

from watchglass.model.graph import Json, NodeId
from watchglass.model.journal import MEMO_JOURNAL, JournalEntry

OUTPUT_BYTES = 2048
"""Larger outputs are left out; whoever needs them has them in the history, where they came from."""
TEXT_CHARACTERS = 2000
UPSERT_BYTES = 256 * 1024
"""What is more than this is written in several upserts: Temporal takes 2 MB at once."""

State = Literal["started", "completed", "failed", "skipped", "cancelled"]


class Journal:
    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []

    def note(self, node: NodeId, iteration: tuple[int, ...], state: State, **more: Any) -> None:
        """Add an entry; `more` are fields of `JournalEntry`. It is written when the workflow task has done its work."""
        if "error" in more:
            more["error"] = more["error"][:TEXT_CHARACTERS]
        at = workflow.now().isoformat()
        entry = JournalEntry(node=node, iteration=iteration, state=state, at=at, **more)
        # What was not given is not written: with thousands of nodes it adds up.
        self._entries.append(entry.model_dump(mode="json", exclude_unset=True))

    def note_output(self, node: NodeId, iteration: tuple[int, ...], output: Json, **more: Any) -> None:
        """Add the entry of a node that has completed."""
        is_small = _bytes_of(output) <= OUTPUT_BYTES
        kept: dict[str, Any] = {"output": output} if is_small else {"cut": True}
        self.note(node, iteration, "completed", **kept, **more)

    async def keep(self) -> None:
        """Write until cancelled, when a workflow task can get no further: that is when conditions are looked at."""
        while True:
            await workflow.wait_condition(lambda: bool(self._entries))
            self.write()

    def write(self) -> None:
        """Write what has been noted since the last time."""
        entries, self._entries = self._entries, []
        for batch in _batches(entries):
            workflow.upsert_memo({MEMO_JOURNAL: batch})


def _batches(entries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    batches: list[list[dict[str, Any]]] = []
    room = 0
    for entry in entries:
        size = _bytes_of(entry)
        if size > room:
            batches.append([])
            room = UPSERT_BYTES
        batches[-1].append(entry)
        room -= size
    return batches


def _bytes_of(value: Json) -> int:
    """Of its JSON, which may hold halves of characters: steps of other languages give them back."""
    return len(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"))
