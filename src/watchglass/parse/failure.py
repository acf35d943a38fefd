"""Failure messages to the model's cause chain, walked with a loop because chains of thousands exist."""

import json
import re

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import Failure as FailureMessage

from watchglass.model.failure import Failure

MAX_CAUSES = 32
OMITTED_TYPE = "watchglass.OmittedCauses"
"""Application type of the message that stands for causes cut off while a file was read (see `json_text`)."""
_OMITTED_MESSAGE = re.compile(r"([0-9]{1,9}) more causes were left out")

_TIMEOUTS: dict[int, str] = {number: name.removeprefix("TIMEOUT_TYPE_") for name, number in TimeoutType.items()}
_KINDS = {
    "application_failure_info": "application",
    "timeout_failure_info": "timeout",
    "canceled_failure_info": "cancelled",
    "terminated_failure_info": "terminated",
    "server_failure_info": "server",
    "reset_workflow_failure_info": "reset",
    "activity_failure_info": "activity",
    "child_workflow_execution_failure_info": "child_workflow",
    "nexus_operation_execution_failure_info": "nexus_operation",
    "nexus_handler_failure_info": "nexus_handler",
}
_WRAPPERS = frozenset({"activity", "child_workflow", "nexus_operation", "nexus_handler"})


def parse_failure(message: FailureMessage) -> Failure:
    """The whole chain, outermost first; causes beyond `MAX_CAUSES` are counted, not kept."""
    kept, omitted = _links(message)
    failure: Failure | None = None
    for link in reversed(kept):
        failure = _one(link, failure, 0 if failure else omitted)
    assert failure is not None
    return failure


def _links(message: FailureMessage) -> tuple[list[FailureMessage], int]:
    kept = [message]
    omitted = 0
    while message.HasField("cause"):
        message = message.cause
        count = _cut_causes(message)
        if count:
            return kept, omitted + count
        if len(kept) <= MAX_CAUSES:
            kept.append(message)
        else:
            omitted += 1
    return kept, omitted


def _cut_causes(message: FailureMessage) -> int:
    return count_omitted(message.application_failure_info.type, message.message)


def omitted_message(count: int) -> str:
    """What stands in the place of that many causes."""
    return f"{count} more causes were left out"


def count_omitted(kind: object, message: object) -> int:
    """How many causes a link stands for; 0 for one that is a cause itself, whatever its author called it."""
    told = _OMITTED_MESSAGE.fullmatch(message) if kind == OMITTED_TYPE and isinstance(message, str) else None
    return int(told[1]) if told else 0


def _one(message: FailureMessage, cause: Failure | None, omitted: int) -> Failure:
    info = message.WhichOneof("failure_info")
    kind = _KINDS.get(info or "", "unknown")
    text, stack, hidden = message.message, message.stack_trace, None
    if message.HasField("encoded_attributes"):
        # Hidden from lists, yet not always encrypted: without a codec the attributes are plain JSON.
        told = read_attributes(message.encoded_attributes)
        if told is None:
            hidden = message.encoded_attributes.SerializeToString(deterministic=True)
        else:
            text, stack = told
    return Failure(
        kind=kind,
        type=_type(message, kind),
        message=text,
        stack_trace=stack,
        non_retryable=message.application_failure_info.non_retryable,
        cause=cause,
        encoded=hidden is not None,
        omitted_causes=omitted,
        attributes=hidden,
        details=_details(message, kind),
    )


def read_attributes(payload: Payload) -> tuple[str, str] | None:
    """Message and stack trace that a failure's encoded attributes hold; None when they cannot be read."""
    if not payload.metadata.get("encoding", b"").startswith(b"json/"):
        return None
    try:
        told = json.loads(payload.data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    text, stack = told.get("message", ""), told.get("stack_trace", "")
    return (text, stack) if isinstance(text, str) and isinstance(stack, str) else None


def _details(message: FailureMessage, kind: str) -> bytes | None:
    match kind:
        case "application":
            return message.application_failure_info.details.SerializeToString(deterministic=True) or None
        case "cancelled":
            return message.canceled_failure_info.details.SerializeToString(deterministic=True) or None
        case "timeout":
            return message.timeout_failure_info.last_heartbeat_details.SerializeToString(deterministic=True) or None
        case _:
            return None


def _type(message: FailureMessage, kind: str) -> str:
    match kind:
        case "application":
            return message.application_failure_info.type
        case "timeout":
            return f"Timeout:{timeout_name(message.timeout_failure_info.timeout_type)}"
        case "cancelled":
            return "Cancelled"
        case "terminated":
            return "Terminated"
        case _:
            return kind


def timeout_name(number: int) -> str:
    """`START_TO_CLOSE` …; the bare number for one that this version does not know."""
    return _TIMEOUTS.get(number, str(number))


def timeout_type(failure: Failure | None) -> str | None:
    """Which timeout ended a unit, when its outermost failure is a timeout."""
    if failure is None or failure.kind != "timeout":
        return None
    return failure.type.removeprefix("Timeout:")


def surface_failure(failure: Failure) -> Failure:
    """The first failure that is not an activity, child workflow or Nexus wrapper; else the innermost
    wrapper."""
    while failure.kind in _WRAPPERS and failure.cause is not None:
        failure = failure.cause
    return failure


def surface_error(failure: Failure | None) -> tuple[str | None, str | None]:
    """Type and message to show for a failure; (None, None) when nothing failed."""
    if failure is None:
        return None, None
    surface = surface_failure(failure)
    return surface.type or None, surface.message
