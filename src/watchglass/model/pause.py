"""Who paused something, when and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    at: int | None
    """Microseconds since 1970, UTC."""
    by: str | None
    """The identity that Temporal recorded."""
    reason: str | None
    rule: str | None = None
    """Id of the namespace's workflow rule that did it; None where a person did."""
