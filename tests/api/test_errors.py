"""What callers of the API learn of errors from lower rooms."""

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
