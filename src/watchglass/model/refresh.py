"""What came of making one copy equal to Temporal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refreshed:
    synced: bool
    """The copy equals Temporal now, or did a moment ago."""
    changed: bool
    """This sync wrote something new."""
    error: str | None = None
    """Why it could not be synced, as a sentence."""
