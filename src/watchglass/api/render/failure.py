"""Failure chains."""

from watchglass.api.shapes.failure import Failure
from watchglass.model.failure import Failure as FailureValue


def render_failure(value: FailureValue | None) -> Failure | None:
    """The whole chain, built from the innermost cause outwards so that its length costs no recursion."""
    links: list[FailureValue] = []
    while value is not None:
        links.append(value)
        value = value.cause
    rendered: Failure | None = None
    for link in reversed(links):
        rendered = Failure(
            kind=link.kind,
            type=link.type,
            message=link.message,
            stack_trace=link.stack_trace,
            non_retryable=link.non_retryable,
            encoded=link.encoded,
            omitted_causes=link.omitted_causes,
            cause=rendered,
        )
    return rendered
