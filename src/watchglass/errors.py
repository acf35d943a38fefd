"""Errors that a person can meet: each a sentence that says what happened, to which thing, and what to do."""

from datetime import timedelta


class WatchglassError(Exception):
    """Base of every error that is somebody's to act on. Its text is shown to people as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def said(error: Exception) -> str:
    """What an error of somebody else's says; its kind where it says nothing, as errors of waiting too long do."""
    return str(error) or type(error).__name__


class NotFound(WatchglassError):
    """The thing does not exist, or is not visible to the person asking; the two are not told apart."""


class InvalidInput(WatchglassError):
    """What was given cannot be understood."""


class Forbidden(WatchglassError):
    """The person asking may see the thing, but not do this to it."""


class Unavailable(WatchglassError):
    """A server that is needed does not answer."""


class Conflict(WatchglassError):
    """The request cannot be carried out in the present state."""


class TooMany(WatchglassError):
    """It was asked too often; the same can be asked again after `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StartupError(WatchglassError):
    """Watchglass cannot start; the message says why and what to do."""
