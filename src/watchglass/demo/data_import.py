"""Data import: one file, read once, written by several sub-workflows side by side."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, ChildWorkflowError

BATCH_ROWS = 100
_STEP = timedelta(seconds=30)
_NAMES = ("Anna Berg", "Luca Conti", "Marie Dubois", "Jan de Vries", "Sofia Lind", "Peter Novak", "Elif Kaya")
_STREETS = ("Station Road", "Mill Lane", "Harbour Street", "Church Square", "Orchard Way", "Castle Hill")


@dataclass(frozen=True, slots=True)
class ImportJob:
    file: str
    source: str
    rows: int
    wrong_row: int | None = None
    """The number of a row whose amount is not a number."""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    customer: str
    street: str
    amount: str


@dataclass(frozen=True, slots=True)
class Batch:
    file: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class BatchResult:
    rows: int
    total: float
    """Euros."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    file: str
    imported_rows: int
    total: float
    failed_batches: list[str]


@activity.defn(name="read_file")
async def read_file(job: ImportJob) -> list[Row]:
    """Return the rows: about 100 bytes each, so 60 kB for 600."""
    # Seeded by the file's name: the same file has the same rows at every attempt.
    chance = random.Random(job.file)  # noqa: S311
    rows = []
    for number in range(1, job.rows + 1):
        rows.append(_row(job, number, chance))
        if number % BATCH_ROWS == 0:
            activity.heartbeat(f"{number} of {job.rows} rows")
            await asyncio.sleep(0.2)
    return rows


@activity.defn(name="check_rows")
async def check_rows(batch: Batch) -> BatchResult:
    await asyncio.sleep(0.3)
    return BatchResult(len(batch.rows), round(sum(_amount(row) for row in batch.rows), 2))


@activity.defn(name="write_rows")
async def write_rows(batch: Batch) -> int:
    await asyncio.sleep(0.5)
    return len(batch.rows)


@workflow.defn
class ImportBatch:
    """Checks and writes some rows of a file."""

    @workflow.run
    async def run(self, batch: Batch) -> BatchResult:
        checked = await workflow.execute_activity(
            check_rows,
            batch,
            start_to_close_timeout=_STEP,
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary="Check the rows",
        )
        await workflow.execute_activity(
            write_rows, batch, start_to_close_timeout=_STEP, summary="Write to the customer table"
        )
        return checked


@workflow.defn
class DataImport:
    """Imports a file; a batch that is wrong is left out and reported."""

    @workflow.run
    async def run(self, job: ImportJob) -> ImportResult:
        rows = await workflow.execute_activity(
            read_file,
            job,
            start_to_close_timeout=_STEP,
            heartbeat_timeout=timedelta(seconds=10),
            summary="Read the file",
        )
        ends = await asyncio.gather(*(self._import(job, batch) for batch in _batches(job, rows)))
        done = [end for end in ends if isinstance(end, BatchResult)]
        return ImportResult(
            file=job.file,
            imported_rows=sum(end.rows for end in done),
            total=round(sum(end.total for end in done), 2),
            failed_batches=[end for end in ends if isinstance(end, str)],
        )

    async def _import(self, job: ImportJob, batch: Batch) -> BatchResult | str:
        """Return the batch's result, or what was wrong with it."""
        first, last = batch.rows[0].number, batch.rows[-1].number
        try:
            return await workflow.execute_child_workflow(
                ImportBatch.run,
                batch,
                id=f"{workflow.info().workflow_id}/rows-{first}-{last}",
                static_summary="Import a batch of rows",
            )
        except ChildWorkflowError:
            return f"rows {first} to {last} of {job.file}"


def _batches(job: ImportJob, rows: list[Row]) -> list[Batch]:
    return [Batch(job.file, rows[start : start + BATCH_ROWS]) for start in range(0, len(rows), BATCH_ROWS)]


def _row(job: ImportJob, number: int, chance: random.Random) -> Row:
    amount = "12,9O" if number == job.wrong_row else f"{chance.uniform(5, 900):.2f}"
    return Row(number, chance.choice(_NAMES), f"{chance.choice(_STREETS)} {chance.randint(1, 120)}", amount)


def _amount(row: Row) -> float:
    try:
        return float(row.amount)
    except ValueError as error:
        raise ApplicationError(f"Row {row.number}: the amount {row.amount!r} is not a number", type="BadRow") from error
