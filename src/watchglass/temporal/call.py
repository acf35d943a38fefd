"""One remote call: a deadline on each, and the server's refusals as sentences."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.service import RPCError, RPCStatusCode

from watchglass.errors import WatchglassError
from watchglass.temporal.errors import (
    AlreadyRunning,
    HistoryUnreadable,
    NamespaceMissing,
    NotOffered,
    QuestionRefused,
    RunMissing,
    TemporalBusy,
    TemporalRefused,
    TemporalUnavailable,
)

CALL_SECONDS = 5.0
"""A frozen server answers nothing for 30 s with the SDK's own defaults; a page cannot wait that long."""

_OUT_OF_TIME = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
"""The client's own deadline comes as either."""

Request = TypeVar("Request")
Response = TypeVar("Response")


async def call(
    rpc: Callable[..., Awaitable[Response]], request: Request, *, subject: str, seconds: float = CALL_SECONDS
) -> Response:
    """Send `request` once; `subject` names the thing it is about in error sentences.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NotOffered, RunMissing, NamespaceMissing, HistoryUnreadable
    """
    try:
        # The outer limit also covers a connection that is still being opened, which the RPC's own timeout does not.
        async with asyncio.timeout(seconds + 0.5):
            return await rpc(request, retry=False, timeout=timedelta(seconds=seconds))
    except TimeoutError as error:
        raise _late(subject, seconds) from error
    except RPCError as error:
        if error.status in _OUT_OF_TIME and "imeout" in error.message:
            raise _late(subject, seconds) from error
        raise _told(error, subject) from error
    except RuntimeError as error:
        # A lazily opened connection reports whatever keeps it from opening as a bare RuntimeError.
        raise _not_opened(str(error), subject) from error


def _late(subject: str, seconds: float) -> TemporalUnavailable:
    return TemporalUnavailable(f"Temporal did not answer within {seconds:g} s when asked for {subject}.")


def _not_opened(text: str, subject: str) -> WatchglassError:
    if "code: Unauthenticated" in text:
        return _unauthenticated(subject)
    if "code: PermissionDenied" in text:
        return _forbidden(subject)
    return TemporalUnavailable(f"Temporal cannot be reached to ask for {subject}.")


def _unauthenticated(subject: str) -> TemporalRefused:
    return TemporalRefused(
        f"Temporal does not accept the credentials that {subject} was asked for with. An API key or token may be "
        "missing, mistyped, expired or revoked: enter it anew in the connection's settings."
    )


def _forbidden(subject: str) -> TemporalRefused:
    return TemporalRefused(
        f"Temporal refuses to show {subject}: the credentials do not allow it. They need the right to read this "
        "namespace, and the namespace has to be spelled right."
    )


def _told(error: RPCError, subject: str) -> WatchglassError:
    text = error.message
    match error.status:
        case RPCStatusCode.NOT_FOUND if "amespace" in text and "is not found" in text:
            return NamespaceMissing(
                f"Temporal has no such namespace: {text.rstrip('.')}. Correct it in the connection's settings."
            )
        case RPCStatusCode.NOT_FOUND:
            return RunMissing(f"Temporal does not have {subject} (any more): {text}")
        case RPCStatusCode.ALREADY_EXISTS:
            return AlreadyRunning(
                f"Temporal does not take {subject}: a run with this workflow id is under way. Wait for its end, or "
                "give another workflow id."
            )
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            return TemporalBusy(f"Temporal limits how often it may be asked; {subject} will be asked for again.")
        case RPCStatusCode.UNAUTHENTICATED:
            return _unauthenticated(subject)
        case RPCStatusCode.PERMISSION_DENIED:
            return _forbidden(subject)
        case RPCStatusCode.UNIMPLEMENTED:
            return NotOffered(f"This Temporal server does not offer the call for {subject}.")
        case RPCStatusCode.INVALID_ARGUMENT:
            return QuestionRefused(f"Temporal does not accept the question for {subject}: {text}")
    if "recursion limit" in text:
        return HistoryUnreadable(
            f"Temporal's answer for {subject} nests more deeply than gRPC clients can decode. Connect its HTTP API, "
            "which has no such limit."
        )
    if _is_undecodable(text):
        return HistoryUnreadable(f"Temporal's answer for {subject} cannot be decoded: {text[:500]}")
    said = (text or error.status.name).rstrip(".")
    return TemporalUnavailable(f"Temporal did not answer when asked for {subject} ({said}).")


def _is_undecodable(text: str) -> bool:
    lowered = text.lower()
    return "decode" in lowered or "larger than max" in lowered
