"""What callers of the API learn of errors from lower rooms."""

import asyncpg
import pytest

from watchglass.api.errors import translate
from watchglass.errors import WatchglassError
from watchglass.temporal.errors import HistoryUnreadable, QuestionRefused, TemporalRefused


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (QuestionRefused, "BAD_REQUEST"),
        (TemporalRefused, "PRECONDITION_FAILED"),
        (HistoryUnreadable, "PRECONDITION_FAILED"),
    ],
)
def test_what_temporal_says_reaches_the_caller_as_a_sentence(kind: type[WatchglassError], code: str) -> None:
    answer = translate(kind("Temporal does not accept the question."))
    assert answer is not None
    assert (answer.code, answer.message) == (code, "Temporal does not accept the question.")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "Connection refused"),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_is_away_is_said_and_is_no_bug(error: Exception) -> None:
    answer = translate(error)
    assert answer is not None
    assert answer.code == "SERVICE_UNAVAILABLE"
