"""Why something failed: a cause chain, outermost first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    """application | timeout | cancelled | terminated | server | reset | activity | child_workflow |
    nexus_operation | nexus_handler | unknown: which failure info the message carries."""
    type: str
    """The application's error type, else `Timeout:START_TO_CLOSE` …, `Cancelled`, `Terminated`, or the
    kind."""
    message: str
    stack_trace: str
    non_retryable: bool
    cause: "Failure | None"
    encoded: bool = False
    """The message and stack are held in encoded attributes: a codec is needed to read them."""
    omitted_causes: int = 0
    """Causes below this one that were left out because the chain is too long to keep."""
    attributes: bytes | None = None
    """The encoded attributes, a serialised `Payload`, while nobody has read them."""
    details: bytes | None = None
    """What the error carries beside its message, a serialised `Payloads`."""
    decoded: bool = False
    """Message and stack were read by the connection's codec server."""
