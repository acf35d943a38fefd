from uuid import UUID

import pytest

from watchglass.model.connection import Level
from watchglass.model.level import is_copied, is_sampled
from watchglass.model.status import ExecutionStatus

SAMPLED = next(str(UUID(int=n)) for n in range(1000) if is_sampled(str(UUID(int=n))))
PLAIN = next(str(UUID(int=n)) for n in range(1000) if not is_sampled(str(UUID(int=n))))


@pytest.mark.parametrize(
    ("level", "status", "run_id", "watched", "copied"),
    [
        (Level.ALL, "running", PLAIN, False, True),
        (Level.ALL, "completed", PLAIN, False, True),
        (Level.FAILED, "running", PLAIN, False, False),
        (Level.FAILED, "running", SAMPLED, False, True),
        (Level.FAILED, "completed", PLAIN, False, False),
        (Level.FAILED, "completed", SAMPLED, False, True),
        (Level.FAILED, "cancelled", PLAIN, False, False),
        (Level.FAILED, "continued_as_new", PLAIN, False, False),
        (Level.FAILED, "unknown", PLAIN, False, False),
        (Level.FAILED, "failed", PLAIN, False, True),
        (Level.FAILED, "timed_out", PLAIN, False, True),
        (Level.FAILED, "terminated", PLAIN, False, True),
        (Level.FAILED, "completed", PLAIN, True, True),
        (Level.VIEWED, "failed", PLAIN, False, False),
        (Level.VIEWED, "completed", SAMPLED, False, False),
        (Level.VIEWED, "running", PLAIN, True, True),
        (Level.LIST, "failed", SAMPLED, False, False),
        (Level.LIST, "failed", SAMPLED, True, False),
    ],
)
def test_what_a_level_copies(level: Level, status: str, run_id: str, watched: bool, copied: bool) -> None:
    assert is_copied(level, ExecutionStatus(status), run_id, watched=watched) is copied


def test_one_run_in_twenty_is_sampled() -> None:
    sampled = sum(is_sampled(str(UUID(int=n * 7919 << 64 | n))) for n in range(20_000))
    assert 800 < sampled < 1200
