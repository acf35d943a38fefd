"""Sums of durations without a residue: what was added and is taken away again leaves exactly nothing."""


def exact_sum(milliseconds: str) -> str:
    """SQL of a sum in milliseconds; null of none.

    Durations are whole microseconds (`parse/clock.py`), exact in a double up to 285 years. Whole numbers add up
    exactly, as decimal ones do, in a fraction of their time.
    """
    return f"sum((({milliseconds}) * 1000)::bigint) * 0.001"
