"""How often one person may ask for what costs much: counted in memory, by each process for itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from watchglass.errors import TooMany

PER_MINUTE: Mapping[str, int] = {
    "backfill.estimate": 30,
    "connection.test": 30,
    "execution.decodeComponentExecution": 120,
    "execution.decodeExecution": 120,
    "execution.getHistoryEvents": 600,
    "execution.previewErase": 60,
    "execution.resolve": 120,
    "execution.syncExecutionFromTemporal": 30,
    "execution.tryAgain": 30,
    "expression.preview": 300,
    "privacy.preview": 120,
    "retention.preview": 60,
    "service.test": 30,
    "statistics.components": 300,
    "statistics.distribution": 300,
    "statistics.errors": 300,
    "statistics.taskQueues": 300,
    "statistics.timeline": 300,
    "statistics.versions": 300,
    "statistics.workflows": 300,
    "sync.tryAgainAll": 10,
    "workflow.run": 120,
}
"""Calls of one person; all else is bounded by its own cost."""


@dataclass(slots=True)
class Pace:
    """What was asked for within the last minute."""

    per_minute: Mapping[str, int] = field(default_factory=lambda: PER_MINUTE)
    _limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def take(self, procedure: str, person: UUID) -> None:
        """Count a call. Raises TooMany, which counts nothing."""
        most = self.per_minute.get(procedure)
        if most is None:
            return
        rule = RateLimitItemPerMinute(most)
        if not self._limiter.hit(rule, procedure, str(person)):
            raise _too_many(rule, self._limiter.get_window_stats(rule, procedure, str(person)).reset_time)


def _too_many(rule: RateLimitItem, reset_at: float) -> TooMany:
    wait = timedelta(seconds=max(reset_at - time.time(), 1))
    return TooMany(
        f"You asked for this {rule.amount} times within a minute, which is as often as one person may. "
        f"Try again in {wait.total_seconds():.0f} s.",
        retry_after=wait,
    )
