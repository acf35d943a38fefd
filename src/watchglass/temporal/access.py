"""One namespace, and the way in which it may be asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from temporalio.service import WorkflowService

from watchglass.temporal.call import CALL_SECONDS, call
from watchglass.temporal.errors import TemporalBusy

Request = TypeVar("Request")
Response = TypeVar("Response")


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
class Access:
    service: WorkflowService
    namespace: str
    gate: Gate = _OPEN

    async def ask(
        self,
        kind: CallKind,
        rpc: Callable[..., Awaitable[Response]],
        request: Request,
        *,
        subject: str,
        seconds: float = CALL_SECONDS,
    ) -> Response:
        """Send `request` once, when the gate lets it through; `subject` names the thing in error sentences.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, RunMissing, NamespaceMissing, HistoryUnreadable
        """
        await self.gate.enter(kind)
        try:
            return await call(rpc, request, subject=subject, seconds=seconds)
        except TemporalBusy:
            await self.gate.slow_down(kind)
            raise
