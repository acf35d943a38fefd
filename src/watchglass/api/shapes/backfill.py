"""Back-fill jobs: how far back a connection is copied, what that costs, and how far it is."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, model_validator

from watchglass.api.shapes.base import Input, Output
from watchglass.model.connection import Level
from watchglass.model.project import Role


class BackfillEstimateInput(Input):
    """Which runs."""

    connection_id: UUID
    since: AwareDatetime | None = None
    """Runs that started at or after this moment; absent: all that Temporal still has."""


class LevelEstimate(Output):
    """What one level would cost."""

    level: Level
    copied_runs: int
    """Whose histories are copied unasked."""
    events: int
    bytes: int
    """Of those histories, as Temporal counts them."""
    calls: int
    """That Temporal is asked, in all."""
    minutes: float
    """At the connection's budget."""


class BackfillEstimate(Output):
    """What copying older runs would cost."""

    runs: int
    open_runs: int
    failed_runs: int
    """Failed, ran out of time, or were terminated."""
    sampled_runs: int
    """Runs whose sizes were looked at."""
    is_exact: bool
    """All of them were; else the sizes are those of the sample."""
    levels: list[LevelEstimate]
    """From the least to the most."""
    proposed_level: Level


class BackfillStart(Input):
    """How far back to copy. One of `since`, `all` and `none`."""

    connection_id: UUID
    since: AwareDatetime | None = None
    all: bool = False
    """All that Temporal still has."""
    none: bool = False
    """Nothing that is older than the connection."""
    level: Level | None = None
    """Change the connection's level as well."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.since is not None) + self.all + self.none != 1:
            raise ValueError("Say one of `since`, `all` and `none`.")
        return self


class BackfillIdInput(Input):
    """Names one job."""

    backfill_id: UUID


class Backfill(Output):
    """A job that lists older runs and copies them, or copies what a changed level covers."""

    id: str
    project_id: str
    connection_id: str
    namespace: str
    kind: Literal["history", "level"]
    workflow_id: str | None
    """Of a level: the workflow that has it; null: those without one of their own."""
    workflow_name: str | None
    since: datetime | None
    """Null: all that Temporal has."""
    query: str
    state: Literal["waiting", "running", "done", "cancelled", "failed"]
    is_listing: bool
    """It still finds runs; else those found are being copied."""
    expected_runs: int | None
    """How many the namespace said it had; null: not counted."""
    listed_runs: int
    to_copy_runs: int
    """Of those listed, whose histories are to be copied."""
    copied_runs: int
    missed_runs: int
    """Temporal deleted them before they could be copied."""
    set_aside_runs: int
    """Could not be copied ten times over."""
    share: float | None
    """How much is done; null: nothing is known yet."""
    runs_per_second: float | None
    seconds_left: float | None
    error: str | None
    """Why it stands still, or ended, as a sentence."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class UnansweredConnection(Output):
    """A connection of which nobody has said how far back it is to be copied."""

    connection_id: str
    namespace: str
    connected_at: datetime
    """What starts from here on is copied."""
    level: Level
    """How much of its runs is copied unasked."""


class Backfills(Output):
    """A project's jobs, newest first."""

    items: list[Backfill]
    unanswered: list[UnansweredConnection]
    role: Role
    """What the person asking may do here."""
