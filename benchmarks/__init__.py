"""Measurements against the bars of the project, as ratios within one run."""
