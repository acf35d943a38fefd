"""*Redaction*: CPU of folding and packing the recorded histories with rules ÷ the same without, side by side."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from temporalio.api.history.v1 import History, HistoryEvent

from benchmarks.figure import Figure
from benchmarks.place import Place
from watchglass.errors import InvalidInput
from watchglass.model.execution import RunRef
from watchglass.model.redaction import NamedPattern, RedactionRules
from watchglass.parse.file import read_history
from watchglass.parse.redaction.redactor import Redactor
from watchglass.sync.reading import Reading

HISTORIES = Path(__file__).parents[1] / "tests/fixtures/histories/files"
ROUNDS = 9
_KEYS = RedactionRules(keys=("password", "*token*", "iban"))
_ALL = RedactionRules(keys=_KEYS.keys, paths=("customer.address.street",), patterns=tuple(NamedPattern))


async def measure_redaction(place: Place, scale: float) -> list[Figure]:
    """No server is asked: what rules cost is the same wherever the events come from."""
    histories = await asyncio.to_thread(_histories)
    events = sum(len(History.FromString(data).events) for data in histories)
    rules = {"key rules": _KEYS, "key rules, a path and all patterns": _ALL}
    redactors = {name: Redactor(kept, b"k" * 32, revision=1) for name, kept in rules.items()}
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        plain = await _seconds(histories, None)
        again = await _seconds(histories, None)
        found = {"no rules, measured twice": again / plain}
        for name, redactor in redactors.items():
            found[name] = await _seconds(histories, redactor) / plain
        rounds.append(found)
    note = f"{len(histories)} recorded histories, {events:,} events, median of {ROUNDS} rounds"
    return [Figure("redaction", name, median(found[name] for found in rounds), note=note) for name in rounds[0]]


def _histories() -> list[bytes]:
    """Serialised, because reading changes the events."""
    found = []
    for file in sorted(HISTORIES.rglob("*.json")):
        try:
            found.append(History(events=read_history(file.read_bytes())).SerializeToString())
        except InvalidInput:
            continue  # Some stand there to be refused.
    return found


async def _seconds(histories: Sequence[bytes], redactor: Redactor | None) -> float:
    total = 0.0
    for data in histories:
        events: list[HistoryEvent] = list(History.FromString(data).events)
        reading = Reading(RunRef("w", "r"), keeps_values=False, is_large=False, redactor=redactor)
        began = time.process_time()
        await reading.take(events)
        await reading.end()
        total += time.process_time() - began
    return total
