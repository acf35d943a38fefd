"""What copying a stretch of history would cost, before it is begun: a few counts, and one page as a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from uuid import UUID

from watchglass.model.connection import Budget, Level
from watchglass.model.described import Described
from watchglass.model.level import SAMPLE_OF
from watchglass.sync.listing import read_listed
from watchglass.sync.parts import Parts
from watchglass.sync.question import question
from watchglass.temporal.history import PAGE_EVENTS
from watchglass.temporal.visibility import PAGE_RUNS, count_runs, list_runs

SAMPLE_RUNS = 500
MANY_RUNS = 20_000
"""From here on a first connect is better begun with the runs that failed, or with a shorter time."""
_FAILED = "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')"


@dataclass(frozen=True, slots=True)
class Counted:
    """What the namespace says of the runs in question."""

    runs: int
    open: int
    failed: int
    """Failed, out of time, or terminated."""


@dataclass(frozen=True, slots=True)
class LevelEstimate:
    level: Level
    runs: int
    """Whose histories are copied unasked."""
    events: int
    bytes: int
    """Of histories, as Temporal counts them."""
    calls: int
    seconds: float
    """At the connection's budget, when nobody else asks."""


@dataclass(frozen=True, slots=True)
class Estimate:
    counted: Counted
    sampled: int
    """Runs whose sizes were looked at; as many as there are: the sums are exact."""
    levels: Sequence[LevelEstimate]
    """From the least to the most."""
    proposed: Level

    @property
    def is_exact(self) -> bool:
        return self.sampled >= self.counted.runs

    def of(self, level: Level) -> LevelEstimate:
        return next(one for one in self.levels if one.level is level)


async def estimate(parts: Parts, connection_id: UUID, since: datetime | None, query: str = "") -> Estimate:
    """Ask the connection's namespace for what is needed to tell: five calls at most.

    `query`: only runs that match this visibility query.

    Raises:
        QuestionRefused: the query is none that Temporal understands.
        NotFound, TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    connection = await parts.connection(connection_id)
    access = await parts.access(connection)
    condition = f"StartTime >= '{since.astimezone(UTC).isoformat()}'" if since else ""
    everything = question(connection, condition, query)
    counted = Counted(
        runs=await count_runs(access, everything),
        open=await count_runs(access, f"{everything} AND CloseTime IS NULL"),
        failed=await count_runs(access, f"{everything} AND {_FAILED}"),
    )
    sample: list[Described] = []
    async for page in list_runs(access, everything, page_size=SAMPLE_RUNS):
        sample = [read_listed(info) for info in page]
        break
    return estimated(counted, sample, connection.budget)


def estimated(counted: Counted, sample: Sequence[Described], budget: Budget) -> Estimate:
    """What each level costs, when the runs are like those of the sample."""
    size = max(len(sample), 1)
    events = sum(run.history_length for run in sample) / size
    size_bytes = sum(run.history_bytes for run in sample) / size
    pages = sum(max(ceil(run.history_length / PAGE_EVENTS), 1) for run in sample) / size
    lists = ceil(counted.runs / PAGE_RUNS)

    def of(level: Level, runs: int, described: int) -> LevelEstimate:
        histories = ceil(runs * pages)
        asked = histories + described
        return LevelEstimate(
            level=level,
            runs=runs,
            events=round(runs * events),
            bytes=round(runs * size_bytes),
            calls=asked + lists,
            seconds=max(asked / budget.history_per_second, lists / budget.visibility_per_second),
        )

    others = counted.runs - counted.failed
    return Estimate(
        counted=counted,
        sampled=len(sample),
        levels=[
            of(Level.LIST, 0, 0),
            of(Level.VIEWED, 0, 0),
            of(Level.FAILED, counted.failed + round(others / SAMPLE_OF), counted.failed),
            # Open runs and those stopped by force are described as well.
            of(Level.ALL, counted.runs, counted.open + counted.failed),
        ],
        proposed=Level.ALL if counted.runs <= MANY_RUNS else Level.FAILED,
    )
