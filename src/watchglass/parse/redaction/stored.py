"""What is stored of a run already, with everything hidden that the rules of today hide."""

from dataclasses import replace

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from watchglass.model.described import Described
from watchglass.parse.describe import parse_kept
from watchglass.parse.redaction.messages import redact
from watchglass.parse.redaction.redactor import Redactor


def redacted_described(described: Described, redactor: Redactor) -> Described:
    """The answer of Describe, and what was found out beside it."""
    answer = DescribeWorkflowExecutionResponse.FromString(described.answer or b"")
    if not redact(answer, redactor):
        return described
    return replace(
        parse_kept(answer.SerializeToString(deterministic=True), at=described.described_at or 0),
        has_pollers=described.has_pollers,
        unpolled_queues=described.unpolled_queues,
        last_polls=described.last_polls,
    )
