"""*Sync cost*: `watchglass sync --wait` ÷ only fetching the same histories, both as processes of their own.

Measured in pairs, side by side. What both spend on imports is shown apart: with few runs it would hide the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from tests.acceptance.running import clean_environment

from benchmarks.figure import Figure
from benchmarks.load import make_runs
from benchmarks.place import NAMESPACE, Place
from benchmarks.process import Ended, median_ratio, run_marked
from watchglass.model.redaction import NO_RULES, RedactionRules
from watchglass.store.redaction import save_rules

PAIRS = 4
_SECRET_KEY = "of-databases-that-are-made-and-dropped-here"


@dataclass(frozen=True, slots=True)
class Shape:
    """Runs of one kind."""

    runs: int
    activities: int
    cpu: float
    """The bar: CPU of the sync ÷ CPU of fetching."""
    wall: float
    """The bar: the same on the clock."""

    def __str__(self) -> str:
        return f"{self.runs:,} runs of {self.activities:,} activities"

    @property
    def prefix(self) -> str:
        return f"runs-of-{self.activities}"

    @property
    def query(self) -> str:
        """Exactly these, also where more were made before."""
        return f"WorkflowId STARTS_WITH '{self.prefix}-{self.runs}-'"


def long_runs(scale: float) -> Shape:
    return Shape(max(2, round(10 * scale)), 2000, cpu=1.5, wall=1.3)


def short_runs(scale: float) -> Shape:
    return Shape(max(200, round(2000 * scale)), 10, cpu=2.0, wall=1.5)


async def make(place: Place, shape: Shape) -> None:
    """Make the runs of this shape that are not there yet."""
    await make_runs(
        await place.client(), runs=shape.runs, activities=shape.activities, prefix=f"{shape.prefix}-{shape.runs}"
    )


async def measure_sync_cost(place: Place, scale: float) -> list[Figure]:
    figures = []
    for shape in long_runs(scale), short_runs(scale):
        await make(place, shape)
        figures += await _measure(place, shape)
    return figures


async def _measure(place: Place, shape: Shape) -> list[Figure]:
    events = (await _fetch(place, shape)).lines[0]  # The server reads from its file what it had forgotten.
    pairs = [(await sync(place, shape), await _fetch(place, shape)) for _ in range(PAIRS)]
    after = _figures(shape, pairs, "after_imports", f"{int(events):,} events, after imports")
    return after + _figures(shape, pairs, "whole", "whole process")


def _figures(shape: Shape, pairs: Sequence[tuple[Ended, Ended]], part: str, note: str) -> list[Figure]:
    cost = attrgetter(part)
    return [
        _figure(f"CPU, {shape}", [(cost(a).cpu, cost(b).cpu) for a, b in pairs], shape.cpu, note),
        _figure(f"wall, {shape}", [(cost(a).wall, cost(b).wall) for a, b in pairs], shape.wall, note),
    ]


def _figure(what: str, pairs: Sequence[tuple[float, float]], most: float, note: str) -> Figure:
    synced, fetched = zip(*pairs, strict=True)
    sides = f"{min(synced):.2f}–{max(synced):.2f} s ÷ {min(fetched):.2f}–{max(fetched):.2f} s"
    return Figure("sync cost", what, median_ratio(synced, fetched), most=most, note=f"{note}: {sides}")


async def sync(place: Place, shape: Shape, rules: RedactionRules = NO_RULES) -> Ended:
    """Copy the runs of this shape into a new database."""
    installation = await place.install("sync_cost")
    if not rules.is_empty:
        async with installation.open_store() as store, store.write() as writer:
            await save_rules(writer, await writer.fetchval("SELECT id FROM projects"), rules)
    command = ["benchmarks.marked", "sync", "--wait", "--query", shape.query]
    settings = {**installation.environment(), "WATCHGLASS_SECRET_KEY": _SECRET_KEY}
    ended = await run_marked(command, clean_environment(**settings))
    if not any(line.startswith(f"{shape.runs:,} of {shape.runs:,} runs") for line in ended.lines):
        raise RuntimeError(f"not all runs were copied: {ended.lines}")
    return ended


async def _fetch(place: Place, shape: Shape) -> Ended:
    return await run_marked(["benchmarks.fetch", place.temporal.address, NAMESPACE, shape.query], clean_environment())
