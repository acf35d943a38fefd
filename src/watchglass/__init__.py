"""Watchglass: see what your Temporal workflows did, step by step."""
