"""Why something failed."""

from watchglass.api.shapes.base import Output
from watchglass.api.shapes.payload import Payload


class Failure(Output):
    """A chain of causes, outermost first."""

    kind: str
    """Who reports it: application, timeout, cancelled, terminated, activity, child_workflow …"""
    type: str
    """The application's error type, else `Timeout:START_TO_CLOSE` …, `Cancelled`, `Terminated`."""
    message: str
    stack_trace: str
    non_retryable: bool
    encoded: bool
    """Message and stack are encoded: a codec is needed to read them."""
    decoded: bool
    """Message and stack were decoded by the connection's codec server."""
    details: list[Payload] | None
    """What the error carries beside its message."""
    omitted_causes: int
    """How many causes below this one were left out because the chain is too long to keep."""
    cause: "Failure | None"
