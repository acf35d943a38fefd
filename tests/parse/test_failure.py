import pytest
from temporalio.api.failure.v1 import Failure as FailureMessage

from watchglass.parse.failure import MAX_CAUSES, OMITTED_TYPE, parse_failure, surface_error


def chain(depth: int) -> FailureMessage:
    outer = FailureMessage(message="0")
    link = outer
    for number in range(1, depth + 1):
        link = link.cause
        link.message = str(number)
    return outer


def wrapped(inner: FailureMessage) -> FailureMessage:
    outer = FailureMessage(message="Activity task failed", cause=inner)
    outer.activity_failure_info.activity_id = "1"
    return outer


class TestChain:
    @pytest.mark.parametrize(("depth", "kept", "omitted"), [(0, 0, 0), (32, 32, 0), (33, 32, 1), (9000, 32, 8968)])
    def test_keeps_the_first_causes_and_counts_the_rest(self, depth: int, kept: int, omitted: int) -> None:
        failure = parse_failure(chain(depth))
        links = [failure]
        while links[-1].cause is not None:
            links.append(links[-1].cause)
        assert (len(links) - 1, links[-1].omitted_causes) == (kept, omitted)
        assert kept <= MAX_CAUSES

    @pytest.mark.parametrize("message", ["9" * 5000, "9" * 5000 + " more causes were left out", "mine", "٣ more"])
    def test_an_author_may_use_the_type_that_stands_for_omitted_causes(self, message: str) -> None:
        inner = FailureMessage(message=message)
        inner.application_failure_info.type = OMITTED_TYPE
        failure = parse_failure(wrapped(inner))
        assert failure.cause is not None
        assert (failure.cause.message, failure.omitted_causes, failure.cause.omitted_causes) == (message, 0, 0)


class TestSurfaceError:
    def test_looks_through_wrappers(self) -> None:
        inner = FailureMessage(message="card declined")
        inner.application_failure_info.type = "CardError"
        assert surface_error(parse_failure(wrapped(wrapped(inner)))) == ("CardError", "card declined")

    def test_names_the_timeout(self) -> None:
        inner = FailureMessage(message="activity timeout")
        inner.timeout_failure_info.timeout_type = 1
        assert surface_error(parse_failure(wrapped(inner)))[0] == "Timeout:START_TO_CLOSE"

    def test_of_an_unknown_timeout_is_its_number(self) -> None:
        inner = FailureMessage()
        inner.timeout_failure_info.timeout_type = 77  # type: ignore[assignment]
        assert surface_error(parse_failure(inner))[0] == "Timeout:77"

    def test_of_a_lone_wrapper_is_the_wrapper(self) -> None:
        outer = FailureMessage(message="Activity task failed")
        outer.activity_failure_info.activity_id = "1"
        assert surface_error(parse_failure(outer)) == ("activity", "Activity task failed")

    def test_of_nothing_is_nothing(self) -> None:
        assert surface_error(None) == (None, None)
