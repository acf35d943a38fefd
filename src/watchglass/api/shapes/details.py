"""The execution page: the run, its components, and how fresh the copy is."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Output
from watchglass.api.shapes.component import ComponentExecution
from watchglass.api.shapes.execution import ExecutionDetails
from watchglass.api.shapes.payload import Payload


class SyncState(StrEnum):
    """How the copy compares with Temporal."""

    FRESH = "fresh"
    STALE = "stale"
    SYNCING = "syncing"
    FAILED = "failed"
    ON_REQUEST = "on_request"
    """Its level copies it only when somebody asks; until then its line follows the list."""
    GONE = "gone"


class Sync(Output):
    """How fresh an answer is."""

    state: SyncState
    synced_at: datetime | None
    error: str | None
    """Why the last sync failed, as a sentence."""


class ExecutionDetailsInput(CursorInput):
    """Which execution, and which page of its components."""

    execution_id: UUID
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class ExecutionDetailsPage(Output):
    """An execution with one page of its components, in event order."""

    execution: ExecutionDetails
    components: list[ComponentExecution]
    """Input and output inline up to 2 KiB."""
    next_cursor: str | None
    sync: Sync


class ExecutionValues(Output):
    """The whole of an execution's own values."""

    input: list[Payload] | None
    result: list[Payload] | None
