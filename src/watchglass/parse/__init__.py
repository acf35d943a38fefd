"""History events in, `model` values out. Pure: no I/O, no clock, no randomness."""

PARSE_VERSION = 8
"""Stored with what was derived; raise it whenever the same events would give other values."""
