"""Which runs are copied without anybody asking for them. Pure.

| level    | open or closed run                    | failed, timed out, terminated | once somebody looked at it |
|----------|---------------------------------------|-------------------------------|----------------------------|
| `list`   | no                                    | no                            | no                         |
| `viewed` | no                                    | no                            | yes                        |
| `failed` | one in twenty, chosen by its run id   | yes                           | yes                        |
| `all`    | yes                                   | yes                           | yes                        |

A run that is not copied has its line in the list, and its line follows what visibility says.
"""

from zlib import crc32

from watchglass.model.connection import Level
from watchglass.model.status import ExecutionStatus

SAMPLE_OF = 20
"""At level `failed` one in this many of the other runs is copied, so that figures about steps say something."""
_FAILED = frozenset({ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.TERMINATED})


def is_copied(level: Level, status: ExecutionStatus, run_id: str, *, watched: bool) -> bool:
    """Whether the run's history is copied, and kept fresh, by itself; `watched`: somebody has looked at it."""
    match level:
        case Level.ALL:
            return True
        case Level.FAILED:
            return watched or status in _FAILED or is_sampled(run_id)
        case Level.VIEWED:
            return watched
        case Level.LIST:
            return False


def is_sampled(run_id: str) -> bool:
    """One in twenty runs, always the same ones."""
    return crc32(run_id.encode()) % SAMPLE_OF == 0
