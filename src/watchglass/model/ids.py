"""Identifiers that sort by time."""

import os
from uuid import UUID


def uuid7_at(micros: int) -> UUID:
    """A version 7 UUID whose time is `micros` (microseconds since 1970), so that keys are ordered by a
    run's start."""
    millis = max(micros, 0) // 1000 & 0xFFFF_FFFF_FFFF
    tail = int.from_bytes(os.urandom(10), "big")
    value = millis << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
