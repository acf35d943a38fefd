"""What runs waited for after the last fault: looked at twice a second, told of those whose copy came late."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError
from tests.chaos.explain import pending_of
from tests.chaos.parts import Target

from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

EVERY_SECONDS = 0.5
LATE_SECONDS = 5.0
"""Copies that took longer are told of."""
_TOLD = 3
"""Of so many of them."""


@dataclass(frozen=True)
class Late:
    """A copy, and how long it took from when the run had ended, and the faults too."""

    execution_id: Any
    workflow_id: str
    seconds: float


@dataclass
class Waits:
    """Looks until cancelled; what has not changed between two looks is noted once."""

    store: Store
    control: Client
    targets: Sequence[Target]
    since: datetime
    _seen: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    async def look_on(self) -> None:
        while True:
            for look in (self._processes, self._rows, self._workflows):
                await self._try(look)
            await asyncio.sleep(EVERY_SECONDS)

    def told(self, late: Sequence[Late]) -> list[str]:
        """The slowest of `late`, each with what was seen of it, and what was seen of everybody's."""
        slowest = sorted(late, key=lambda one: -one.seconds)[:_TOLD]
        if not slowest:
            return []
        said = [f"everybody: {each}" for each in self._story("")]
        for one in slowest:
            said.append(f"{one.workflow_id} ({one.execution_id}) {one.seconds:.1f} s")
            said += [f"  {each}" for each in self._story(str(one.execution_id))]
        return said

    def _story(self, name: str) -> list[str]:
        return [f"{at:5.1f} {what}" for at, what in self._seen.get(name, [])]

    def _note(self, name: str, what: str) -> None:
        notes = self._seen.setdefault(name, [])
        subject = what.partition(":")[0]
        last = next((told for _, told in reversed(notes) if told.partition(":")[0] == subject), None)
        if last != what:
            notes.append(((datetime.now(UTC) - self.since).total_seconds(), what))

    async def _try(self, look: Callable[[], Any]) -> None:
        try:
            await look()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if not is_outage(error):
                raise
            self._note("", f"PostgreSQL: {error or type(error).__name__}")
        except RPCError as error:
            self._note("", f"control Temporal: {error.message}")

    async def _processes(self) -> None:
        for target in self.targets:
            self._note("", f"{target.name}: process {target.pid()}")

    async def _rows(self) -> None:
        async with self.store.write() as reader:
            rows = await reader.fetch(
                "SELECT e.id, e.status, e.sync_status, e.sync_error, e.next_sync_at, e.is_final, e.synced_at, "
                "f.leased_until FROM workflow_executions e LEFT JOIN followed_executions f "
                "ON f.project_id = e.project_id AND f.execution_id = e.id "
                "WHERE NOT e.is_final OR e.synced_at > clock_timestamp() - interval '2 seconds'"
            )
        for row in rows:
            due, until = self._at(row["next_sync_at"]), self._at(row["leased_until"])
            self._note(
                str(row["id"]),
                f"row: {row['status']}, {row['sync_status']}, final {row['is_final']}, synced "
                f"{self._at(row['synced_at'])}, due {due}, followed until {until}, {row['sync_error']}",
            )

    def _at(self, moment: datetime | None) -> str:
        return "-" if moment is None else f"{(moment - self.since).total_seconds():.1f}"

    async def _workflows(self) -> None:
        async for run in self.control.list_workflows("ExecutionStatus = 'Running'"):
            with suppress(RPCError):
                said = await pending_of(self.control, run.id, run.run_id)
                name = run.id.partition("sync-execution-")[2]
                self._note(name, f"{run.id} {run.run_id[-4:]}: {said}")
