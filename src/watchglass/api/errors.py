"""One table: what an error of a lower room means to callers."""

import math

import asyncpg

from watchglass.api.trpc.errors import TRPCError
from watchglass.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany, Unavailable, WatchglassError
from watchglass.store.outage import is_outage
from watchglass.temporal.errors import CodecFaulty, CodecRefused, HistoryUnreadable, QuestionRefused, TemporalRefused

_CODES: tuple[tuple[type[WatchglassError], str], ...] = (
    (NotFound, "NOT_FOUND"),
    (InvalidInput, "BAD_REQUEST"),
    (Conflict, "CONFLICT"),
    (Forbidden, "FORBIDDEN"),
    (TooMany, "TOO_MANY_REQUESTS"),
    (Unavailable, "SERVICE_UNAVAILABLE"),
    # Before the refusal that it is a kind of: the fault is in what the caller gave.
    (QuestionRefused, "BAD_REQUEST"),
    (TemporalRefused, "PRECONDITION_FAILED"),
    (HistoryUnreadable, "PRECONDITION_FAILED"),
    (CodecRefused, "PRECONDITION_FAILED"),
    (CodecFaulty, "PRECONDITION_FAILED"),
)
# NUL as a text, and inside JSON.
_NOT_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_TOO_SLOW = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)


def translate(error: Exception) -> TRPCError | None:
    """The answer for an error; None for a bug, about which callers learn nothing."""
    if isinstance(error, WatchglassError):
        code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
        wait = math.ceil(error.retry_after.total_seconds()) if isinstance(error, TooMany) else None
        return TRPCError(code, error.message, retry_after=wait) if code else None
    if isinstance(error, _TOO_SLOW):
        return TRPCError("TIMEOUT", "The database took too long. Try again, or ask for less.")
    if isinstance(error, _NOT_TEXT):
        return TRPCError("BAD_REQUEST", "A text holds the character U+0000, which cannot be kept. Leave it out.")
    if is_outage(error):
        return TRPCError("SERVICE_UNAVAILABLE", "The database does not answer. Try again in a moment.")
    return None
