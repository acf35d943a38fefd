"""A scope that somebody wrote, beside conditions of ours."""

import pytest

from watchglass.temporal.errors import QuestionRefused
from watchglass.temporal.scope import check_scope, join


def test_what_is_joined_stays_apart() -> None:
    assert join("A = 1 OR B = 2", "", "C = 3") == "(A = 1 OR B = 2) AND (C = 3)"


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "A = 1",
        "(A = 1) OR (B = 2)",
        "A = ')'",
        'A = "it\'s ("',
        "A = 'it''s'",
        "A = 'a\\'b)'",
        "`A(` IN ('x', 'y')",
    ],
)
def test_a_scope_that_stays_within_its_brackets_is_taken(scope: str) -> None:
    check_scope(scope)


@pytest.mark.parametrize("scope", ["A = 1) OR (B = 2", "(A = 1", "A = 1)", "A = 'x", 'A = "', "A = 'x\\'", "`A"])
def test_a_scope_that_reaches_out_of_them_is_not(scope: str) -> None:
    with pytest.raises(QuestionRefused, match="do not pair up"):
        check_scope(scope)
