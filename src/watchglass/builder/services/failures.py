"""What a component's failure to reach something means to Temporal: worth another try, or not."""

from temporalio.exceptions import ApplicationError

from watchglass.builder.reach import AddressRefused, HostUnknown
from watchglass.builder.services.errors import ServiceRefuses, ServiceTooMuch, ServiceUnreachable
from watchglass.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable, WatchglassError

_TYPES: tuple[tuple[type[WatchglassError], str, bool], ...] = (
    (AddressRefused, "AddressRefused", True),
    (HostUnknown, "HostUnknown", False),
    (ServiceUnreachable, "ServiceUnreachable", False),
    (ServiceRefuses, "ServiceRefuses", True),
    (ServiceTooMuch, "ServiceTooMuch", True),
    (Conflict, "ServiceSecretSealed", True),
    (NotFound, "ServiceUnknown", True),
    (Forbidden, "ServiceForbidden", True),
    (InvalidInput, "InvalidInput", True),
    (Unavailable, "WatchglassUnavailable", False),
)
"""Error, its type as people list it among errors not to retry, and whether another attempt is of no use."""


def as_failure(error: WatchglassError) -> ApplicationError:
    """As it is raised in an activity."""
    for kind, name, is_final in _TYPES:
        if isinstance(error, kind):
            return ApplicationError(error.message, type=name, non_retryable=is_final)
    return ApplicationError(error.message, type=type(error).__name__)
