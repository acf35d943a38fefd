"""One namespace, and the way in which it may be asked."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from temporalio.service import WorkflowService

from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.temporal.call import CALL_SECONDS, call
from watchglass.temporal.errors import TemporalBusy

Request = TypeVar("Request")
Response = TypeVar("Response")

BUSY_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try of a call that the server had no room for; after the last the caller is told."""


class CallKind(StrEnum):
    """Servers limit the two apart, so they are counted apart."""

    VISIBILITY = "visibility"
    """Lists, counts and descriptions of the namespace."""
    HISTORY = "history"
    """Histories, and descriptions of runs and task queues."""


class Gate(Protocol):
    """Decides when the next call may be made."""

    async def enter(self, kind: CallKind) -> None:
        """Return when a call of this kind may be made."""
        ...

    async def slow_down(self, kind: CallKind) -> None:
        """The server said that it is asked too often."""
        ...


class OpenGate:
    """Every call may be made at once."""

    async def enter(self, kind: CallKind) -> None:
        return

    async def slow_down(self, kind: CallKind) -> None:
        return


_OPEN = OpenGate()


@dataclass(frozen=True, slots=True)
class HttpApi:
    """The frontend's HTTP API, signed in to as its gRPC is."""

    address: str
    """URL without a slash at its end."""
    credentials: Credentials = NO_CREDENTIALS


@dataclass(frozen=True, slots=True)
class Access:
    service: WorkflowService
    namespace: str
    gate: Gate = _OPEN
    is_urgent: bool = False
    """Somebody waits for the answer. Otherwise the namespace's workers go first, where the server has such an order."""
    http: HttpApi | None = None
    """For the histories that gRPC clients cannot decode; None where the connection names none."""

    async def ask(
        self,
        kind: CallKind,
        rpc: Callable[..., Awaitable[Response]],
        request: Request,
        *,
        subject: str,
        seconds: float = CALL_SECONDS,
    ) -> Response:
        """Send `request` when the gate lets it through; `subject` names the thing in error sentences.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, RunMissing, NamespaceMissing, HistoryUnreadable
        """
        return await self.paced(kind, lambda: call(rpc, request, subject=subject, seconds=seconds))

    async def paced(self, kind: CallKind, send: Callable[[], Awaitable[Response]]) -> Response:
        """Call `send` through the gate, and again after a pause while the server says that it is asked too often.

        Raises:
            TemporalBusy: it said so every time; what else `send` raises passes through.
        """
        for pause in BUSY_PAUSES:
            await self.gate.enter(kind)
            try:
                return await send()
            except TemporalBusy:
                await self.gate.slow_down(kind)
            # Spread, so that calls which were refused together do not come back together.
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
        await self.gate.enter(kind)
        try:
            return await send()
        except TemporalBusy:
            await self.gate.slow_down(kind)
            raise
