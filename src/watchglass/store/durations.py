"""Runs whose duration counts."""

HAS_DURATION = "(e.duration_ms IS NOT NULL AND e.status NOT IN ('continued_as_new', 'pending', 'running', 'paused'))"
"""One that the next run carries on has not come to its end."""
