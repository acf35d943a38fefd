"""Invoice archive: a run that stands still because the code was changed while it was under way.

The worker keeps no run in memory, so every task replays the history, and the replay takes the other way round: what
happens in life when steps change places in a new release. Temporal refuses and tries again, for ever.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class ArchiveJob:
    year: int
    invoices: int


@activity.defn(name="collect_invoices")
async def collect_invoices(job: ArchiveJob) -> int:
    await asyncio.sleep(0.2)
    return job.invoices


@activity.defn(name="seal_archive")
async def seal_archive(job: ArchiveJob) -> str:
    await asyncio.sleep(0.2)
    return f"Archive {job.year} is sealed"


@workflow.defn
class InvoiceArchive:
    """Puts the invoices of a year away."""

    @workflow.run
    async def run(self, job: ArchiveJob) -> str:
        steps = [self._collect, self._seal]
        if workflow.unsafe.is_replaying():
            steps.reverse()
        for step in steps:
            await step(job)
        return f"Invoices of {job.year} are archived"

    async def _collect(self, job: ArchiveJob) -> None:
        await workflow.execute_activity(
            collect_invoices, job, start_to_close_timeout=_STEP, summary="Collect the invoices"
        )

    async def _seal(self, job: ArchiveJob) -> None:
        await workflow.execute_activity(seal_archive, job, start_to_close_timeout=_STEP, summary="Seal the archive")
