"""What Temporal can answer instead of what was asked.

WatchglassError
├── Unavailable
│   ├── TemporalUnavailable     no answer, or not in time
│   ├── TemporalBusy            asked more often than the namespace allows
│   └── CodecUnavailable        no answer from the codec server, or not in time
├── NotFound
│   ├── RunMissing              the namespace has no such run (any more)
│   └── NamespaceMissing
├── Conflict
│   ├── AlreadyRunning          a run with this workflow id is open
│   └── RunIsOver               an ended run cannot be told anything
├── TemporalRefused             credentials, or a call that the key does not allow
│   ├── QuestionRefused         the server finds fault with what it was asked
│   └── NotOffered              the server is too old (or too new) to know the call
├── CodecRefused                the codec server wants another token
├── CodecFaulty                 the codec server's answer cannot be used
└── HistoryUnreadable           the answer cannot be decoded by any gRPC client
"""

from watchglass.errors import Conflict, NotFound, Unavailable, WatchglassError


class TemporalUnavailable(Unavailable):
    pass


class TemporalBusy(Unavailable):
    pass


class CodecUnavailable(Unavailable):
    pass


class RunMissing(NotFound):
    pass


class NamespaceMissing(NotFound):
    pass


class AlreadyRunning(Conflict):
    pass


class RunIsOver(Conflict):
    pass


class TemporalRefused(WatchglassError):
    pass


class QuestionRefused(TemporalRefused):
    pass


class NotOffered(TemporalRefused):
    pass


class HistoryUnreadable(WatchglassError):
    pass


class CodecRefused(WatchglassError):
    pass


class CodecFaulty(WatchglassError):
    pass
