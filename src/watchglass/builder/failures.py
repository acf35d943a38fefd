"""What nodes fail with, in the words that people read."""

import json

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    TerminatedError,
    TimeoutError,
    WorkflowAlreadyStartedError,
)

from watchglass.builder.expression import ExpressionFailed
from watchglass.model.graph import Json, Node

EXPRESSION_FAILED = "ExpressionFailed"
TOO_LARGE = "TooLarge"


class RunEnds(Exception):
    """An end node was reached: what still runs is cancelled."""

    def __init__(self, result: Json = None, failure: ApplicationError | None = None) -> None:
        super().__init__()
        self.result = result
        self.failure = failure


def failed(message: str, type: str) -> ApplicationError:
    """A failure that no retry mends."""
    return ApplicationError(message, type=type, non_retryable=True)


def expression_failed(node: Node, field: str, failure: ExpressionFailed) -> ApplicationError:
    """Names the node, the field (a JSON pointer in the node), and the place in the expression."""
    at = f", at character {failure.at[0] + 1}" if failure.at else ""
    return failed(f"{called(node)}: {field}{failure.field}{at}: {failure.message}", EXPRESSION_FAILED)


def unfit(node: Node, field: str, message: str) -> ApplicationError:
    """An expression gave something that its field cannot be."""
    return failed(f"{called(node)}: {field}: {message}", EXPRESSION_FAILED)


def shown(value: Json) -> str:
    """A value in a sentence: its JSON, or the beginning of it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"


def called(node: Node) -> str:
    return f"{node.name} ({node.id})" if node.name else node.id


def told(error: FailureError) -> dict[str, str]:
    """`{type, message}` of what is at the bottom of an error: what expressions and the journal are given."""
    bottom: BaseException = error
    while isinstance(bottom, ActivityError | ChildWorkflowError) and bottom.cause is not None:
        bottom = bottom.cause
    match bottom:
        case ApplicationError():
            return {"type": bottom.type or "Error", "message": bottom.message}
        case TimeoutError():
            kind = bottom.type.name if bottom.type is not None else "UNKNOWN"
            return {"type": f"Timeout:{kind}", "message": bottom.message}
        case CancelledError():
            return {"type": "Cancelled", "message": bottom.message}
        case TerminatedError():
            return {"type": "Terminated", "message": bottom.message}
        case WorkflowAlreadyStartedError():
            return {
                "type": "AlreadyRunning",
                "message": f"A run with the workflow id {bottom.workflow_id} is under way.",
            }
        case _:
            return {"type": type(bottom).__name__, "message": str(bottom)}
