"""The status number that lists and descriptions carry."""

from watchglass.model.status import ExecutionStatus

_STATUSES = {
    1: ExecutionStatus.RUNNING,
    2: ExecutionStatus.COMPLETED,
    3: ExecutionStatus.FAILED,
    4: ExecutionStatus.CANCELLED,
    5: ExecutionStatus.TERMINATED,
    6: ExecutionStatus.CONTINUED_AS_NEW,
    7: ExecutionStatus.TIMED_OUT,
    8: ExecutionStatus.PAUSED,
}


def listed_status(number: int) -> ExecutionStatus:
    """The word for a server's status number; a number that nobody here knows becomes `unknown`."""
    return _STATUSES.get(number, ExecutionStatus.UNKNOWN)
