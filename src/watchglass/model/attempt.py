"""One try of a component execution."""

from dataclasses import dataclass
from enum import StrEnum

from watchglass.model.failure import Failure


class AttemptSource(StrEnum):
    OBSERVED = "observed"
    """Seen while the run was alive, through Describe."""
    RECORDED = "recorded"
    """In the history itself."""
    NOT_RECORDED = "not_recorded"
    """It must have happened, but nobody kept it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int
    started_at: int | None
    """Microseconds since 1970, UTC."""
    ended_at: int | None
    failure: Failure | None
    source: AttemptSource
