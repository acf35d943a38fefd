"""What this process has asked the C library for and given back is the system's again, where that is glibc's to say."""

import ctypes
from functools import cache
from typing import Any

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""
_ARENAS = 2


def keep_few_arenas() -> None:
    """Called once, before there are threads: each would keep a pool of its own, as large as it ever was."""
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """After work that took much."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> Any:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
