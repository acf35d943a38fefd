"""Failures that are parsed already, as rows hold them."""

from dataclasses import replace

from temporalio.api.common.v1 import Payload

from watchglass.model.failure import Failure
from watchglass.parse.redaction.messages import redact_payloads
from watchglass.parse.redaction.redactor import Redactor


def redacted_failure(failure: Failure, redactor: Redactor) -> Failure:
    """The whole chain; with a loop, because chains of thousands exist."""
    links: list[Failure] = []
    link: Failure | None = failure
    while link is not None:
        links.append(link)
        link = link.cause
    made: Failure | None = None
    for link in reversed(links):
        made = replace(
            link,
            message=redactor.text(link.message),
            stack_trace=redactor.text(link.stack_trace),
            details=link.details and redact_payloads(link.details, redactor),
            attributes=link.attributes and _attributes(link.attributes, redactor),
            cause=made,
        )
    assert made is not None
    return made


def _attributes(data: bytes, redactor: Redactor) -> bytes:
    return redactor.payload(Payload.FromString(data)).SerializeToString(deterministic=True)
