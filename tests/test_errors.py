"""What errors tell people."""

from watchglass.errors import said


def test_an_error_that_says_nothing_is_told_by_its_kind() -> None:
    assert said(TimeoutError()) == "TimeoutError"
    assert said(OSError("no route")) == "no route"
