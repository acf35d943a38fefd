"""Why a service did not do what it was asked, in a sentence."""

from watchglass.errors import WatchglassError


class ServiceUnreachable(WatchglassError):
    """Nobody answers, or the connection breaks. It may go better the next time."""


class ServiceRefuses(WatchglassError):
    """It answers, and says no: the same request would be refused again."""


class ServiceTooMuch(WatchglassError):
    """The answer is larger than a step may give."""
