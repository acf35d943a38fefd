"""How long runs are kept after they ended."""

FEWEST_DAYS = 1
MOST_DAYS = 36_500
"""A hundred years."""
