"""Definitions of the figures, in SQL and in Python, and how the stored totals are kept equal to the rows."""
