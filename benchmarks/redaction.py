"""*Redaction*: CPU with rules ÷ the same without, side by side: of folding and packing the recorded histories, and of a
whole `watchglass sync --wait`."""

import asyncio
import time
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from statistics import median

from temporalio.api.history.v1 import History, HistoryEvent

from benchmarks.figure import Figure
from benchmarks.place import Place
from benchmarks.process import median_ratio
from benchmarks.sync_cost import PAIRS, Shape, long_runs, make, short_runs, sync
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
    return [*await _folding(), *await _whole(place, long_runs(scale)), *await _whole(place, short_runs(scale))]


async def _folding() -> list[Figure]:
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


async def _whole(place: Place, shape: Shape) -> list[Figure]:
    await make(place, shape)
    pairs = [(await sync(place, shape, _ALL), await sync(place, shape)) for _ in range(PAIRS)]
    figures = []
    for part, note in (("after_imports", "after imports"), ("whole", "whole process")):
        cost = attrgetter(part)
        ruled, plain = zip(*((cost(a).cpu, cost(b).cpu) for a, b in pairs), strict=True)
        sides = f"{min(ruled):.2f}–{max(ruled):.2f} s ÷ {min(plain):.2f}–{max(plain):.2f} s"
        what = f"CPU of a sync of {shape}, all those rules"
        figures.append(Figure("redaction", what, median_ratio(ruled, plain), note=f"{note}: {sides}"))
    return figures


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
