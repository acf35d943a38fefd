"""Failure chains."""

from watchglass.api.render.payload import render_payloads
from watchglass.api.shapes.failure import Failure
from watchglass.model.failure import Failure as FailureValue

DETAIL_BYTES = 16 * 1024
"""How much text of each of an error's details is shown; the raw history holds the whole."""


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
            decoded=link.decoded,
            details=render_payloads(link.details, limit=DETAIL_BYTES),
            omitted_causes=link.omitted_causes,
            cause=rendered,
        )
    return rendered
