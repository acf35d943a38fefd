"""One remote call: a deadline on each, and the server's refusals as sentences."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.service import RPCError, RPCStatusCode

from watchglass.errors import WatchglassError
from watchglass.temporal.errors import (
    HistoryUnreadable,
    NamespaceMissing,
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
        TemporalUnavailable, TemporalBusy, TemporalRefused, RunMissing, NamespaceMissing, HistoryUnreadable
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
        # A lazily opened connection reports an unreachable address as a bare RuntimeError.
        raise TemporalUnavailable(f"Temporal cannot be reached to ask for {subject}: {error}") from error


def _late(subject: str, seconds: float) -> TemporalUnavailable:
    return TemporalUnavailable(f"Temporal did not answer within {seconds:g} s when asked for {subject}.")


def _told(error: RPCError, subject: str) -> WatchglassError:
    text = error.message
    match error.status:
        case RPCStatusCode.NOT_FOUND if "amespace" in text and "is not found" in text:
            return NamespaceMissing(f"Temporal has no such namespace: {text}")
        case RPCStatusCode.NOT_FOUND:
            return RunMissing(f"Temporal does not have {subject} (any more): {text}")
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            return TemporalBusy(f"Temporal limits how often it may be asked; {subject} will be asked for again.")
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return TemporalRefused(f"Temporal refuses to show {subject}: {text}. Check the key's permissions.")
        case RPCStatusCode.INVALID_ARGUMENT:
            return QuestionRefused(f"Temporal does not accept the question for {subject}: {text}")
    if "recursion limit" in text:
        return HistoryUnreadable(
            f"Temporal's answer for {subject} nests more deeply than gRPC clients can decode. Connect its HTTP API, "
            "which has no such limit."
        )
    if _is_undecodable(text):
        return HistoryUnreadable(f"Temporal's answer for {subject} cannot be decoded: {text[:500]}")
    return TemporalUnavailable(f"Temporal did not answer when asked for {subject}: {text or error.status.name}")


def _is_undecodable(text: str) -> bool:
    lowered = text.lower()
    return "decode" in lowered or "larger than max" in lowered
