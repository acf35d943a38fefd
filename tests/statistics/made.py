"""Executions with component executions, written by the sync role as plain rows, for figures to be made of."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.databases import make_project

from watchglass.model.connection import Connection
from watchglass.statistics.keep import totals_kept
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store, Writer

ENDED = ("completed", "completed", "completed", "failed", "timed_out", "terminated", "cancelled", "continued_as_new")
STATUSES = (*ENDED, "running", "pending", "unknown")
NAMES = ("charge", "reserve", "mail")
REASONS = (None, None, None, "within_policy", "default_policy", "exhausted", "no_policy", "policy_not_recorded")
DURATIONS = (0.0, 0.0004, 0.001, 1.0, 12.5, 12.500001, 3_600_000.0, 86_400_000.0 * 900)
BEGIN = datetime(2026, 2, 27, 22, tzinfo=UTC)
SPLIT_AT = 6
"""So that storms of hundreds of runs are kept in minutes, too."""


@pytest.fixture(autouse=True)
def splits_early(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("split", "rebuild"):
        monkeypatch.setattr(f"watchglass.statistics.{module}.SPLIT_RUNS", SPLIT_AT)
    # So that there is always something noted that is not folded yet.
    monkeypatch.setattr("watchglass.statistics.fold.MOST_CHANGES", 17)


class Made:
    """A project with some workflows, and the runs that were put into it."""

    def __init__(self, store: Store, connection: Connection, workflows: list[UUID], chance: random.Random) -> None:
        self.store = store
        self.connection = connection
        self.project_id = connection.project_id
        self.workflows = workflows
        self.chance = chance
        self.runs: list[UUID] = []
        self.has_quiet_years = False
        self.has_few_durations = False

    def moment(self) -> datetime:
        """Crowded into some minutes of some hours around the end of a month, so that all grains are used.

        A few may be of years in which there is little else.
        """
        is_lone = self.has_quiet_years and self.chance.random() < 0.1
        day = self.chance.choice((-400, -800, -1200) if is_lone else (0, 0, 1, 2, 35))
        hour = self.chance.choice((0, 1, 1, 5))
        minute = self.chance.choice((0, 7, 7, 59))
        seconds = timedelta(days=day, hours=hour, minutes=minute, seconds=self.chance.choice((0, 1, 30, 59.999999)))
        return BEGIN + seconds

    def duration(self) -> float:
        if self.has_few_durations:
            return self.chance.choice(DURATIONS[-4:])
        return self.chance.choice(DURATIONS) if self.chance.random() < 0.3 else self.chance.expovariate(1 / 5_000)

    async def change(self, *, most: int = 6) -> None:
        """New runs, changed ones and erased ones, in one transaction as a sync has it."""
        changed = self.chance.sample(self.runs, min(len(self.runs), self.chance.randrange(most)))
        gone = changed[: self.chance.randrange(2)]
        async with (
            self.store.write() as writer,
            totals_kept(writer, [(self.project_id, run) for run in changed]) as inserted,
        ):
            for run in changed:
                await self._drop(writer, run)
                if run not in gone:
                    await self._insert(writer, run)
            for _ in range(self.chance.randrange(1, most)):
                run = uuid4()
                await self._insert(writer, run)
                self.runs.append(run)
                inserted.append((self.project_id, run))
        for run in gone:
            self.runs.remove(run)

    async def _drop(self, writer: Writer, run: UUID) -> None:
        await writer.execute(
            "DELETE FROM component_executions WHERE project_id = $1 AND execution_id = $2", self.project_id, run
        )
        await writer.execute("DELETE FROM workflow_executions WHERE project_id = $1 AND id = $2", self.project_id, run)
        await writer.execute(
            "DELETE FROM execution_keys WHERE project_id = $1 AND execution_id = $2", self.project_id, run
        )

    async def _insert(self, writer: Writer, run: UUID) -> None:
        status = self.chance.choice(STATUSES)
        started = self.moment()
        duration = self.duration() if status in ENDED else None
        error_group = self.chance.choice(("", "declined", "declined", "late"))
        row: dict[str, Any] = {
            "project_id": self.project_id,
            "id": run,
            "error_group": error_group,
            "error_type": "CardDeclined" if error_group == "declined" else None,
            "workflow_id": self.chance.choice(self.workflows),
            "connection_id": self.connection.id,
            "namespace": "default",
            "temporal_workflow_id": f"run-{run}",
            "temporal_run_id": str(run),
            "temporal_type": "Order",
            "parent_run_id": self.chance.choice((None, None, "parent")),
            "is_retried": self.chance.random() < 0.1,
            "superseded_by": "another" if self.chance.random() < 0.05 else None,
            "status": status,
            "started_at": started,
            "closed_at": started + timedelta(milliseconds=duration) if duration is not None else None,
            "duration_ms": duration,
            "task_queue": self.chance.choice(("orders", "orders", "night")),
            "build_id": self.chance.choice((None, "a", "b")),
            "version": self.chance.choice((None, 1)),
            "detail_state": self.chance.choice(("none", "complete", "complete")),
        }
        await _insert(
            writer,
            "execution_keys",
            {
                "project_id": self.project_id,
                "execution_id": run,
                "connection_id": self.connection.id,
                "temporal_run_id": str(run),
            },
        )
        await _insert(writer, "workflow_executions", row)
        for event_id in range(self.chance.randrange(4)):
            await self._insert_component(writer, run, 5 + event_id)

    async def _insert_component(self, writer: Writer, run: UUID, event_id: int) -> None:
        name = self.chance.choice(NAMES)
        times = [self.duration() if self.chance.random() < 0.6 else None for _ in range(5)]
        await _insert(
            writer,
            "component_executions",
            {
                "project_id": self.project_id,
                "execution_id": run,
                "event_id": event_id,
                "last_event_id": event_id + 2,
                "node_id": f"{name}-{event_id}",
                "occurrence": 1,
                "iteration": self.chance.choice((None, [], [2])),
                "name": name,
                "display_name": name,
                "kind": self.chance.choice(("activity", "timer")),
                "status": self.chance.choice(("completed", "failed", "running", "timed_out", "abandoned")),
                "duration_ms": times[0],
                "queue_ms": times[1],
                "execution_ms": times[2],
                "retry_ms": times[3],
                "waiting_ms": times[4],
                "clock_skew": False,
                "attempt": self.chance.choice((None, 1, 1, 2, 5)),
                "reason": self.chance.choice(REASONS),
                "task_queue": self.chance.choice((None, "orders", "gpu")),
                "cancel_requested": False,
                "copied": self.chance.random() < 0.1,
            },
        )


async def _insert(writer: Writer, table: str, row: dict[str, Any]) -> None:
    values = ", ".join(f"${i}" for i in range(1, len(row) + 1))
    await writer.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})", *row.values())


async def make(store: Store, chance: random.Random, *, workflows: int = 2, owner: str | None = None) -> Made:
    """A project of its own, without runs yet."""
    project_id, _ = await make_project(store, f"Figures {chance.random()}", owner=owner or f"ada-{uuid4()}")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="default", is_embedded=False
        )
        ids = [
            await writer.fetchval(
                "INSERT INTO workflows (id, project_id, name, kind, temporal_type) "
                "VALUES (uuidv7(), $1, $2, 'observed', $2) RETURNING id",
                project_id,
                f"Order {number}",
            )
            for number in range(workflows)
        ]
    return Made(store, connection, ids, chance)
