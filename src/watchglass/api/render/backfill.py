"""Back-fill jobs as they go over the wire."""

from watchglass.api.shapes.backfill import Backfill, BackfillEstimate, LevelEstimate, UnansweredConnection
from watchglass.store.summaries import Row
from watchglass.sync.estimate import Estimate

_LISTING = {"closed", "open", "late", "levels"}


def render_backfill(row: Row) -> Backfill:
    is_listing = row["phase"] in _LISTING
    is_active = row["state"] in ("waiting", "running")
    waiting = row["waiting_runs"]
    copied = max(row["queued_runs"] - waiting - row["set_aside_runs"] - row["missed_runs"], 0)
    unlisted = max((row["expected_runs"] or 0) - row["listed_runs"], 0) if is_listing else 0
    settled = row["listed_runs"] - waiting
    rate = copied / row["seconds"] if is_active and copied and row["seconds"] else None
    # Of what is not listed yet, as large a part will have to be copied as of what is.
    to_come = unlisted * (row["queued_runs"] / row["listed_runs"]) if row["listed_runs"] else 0
    return Backfill(
        id=str(row["id"]),
        project_id=str(row["project_id"]),
        connection_id=str(row["connection_id"]),
        namespace=row["namespace"],
        kind=row["kind"],
        workflow_id=row["workflow_id"] and str(row["workflow_id"]),
        workflow_name=row["workflow_name"],
        since=row["from_at"],
        query=row["query"],
        state=row["state"],
        is_listing=is_listing and is_active,
        expected_runs=row["expected_runs"],
        listed_runs=row["listed_runs"],
        to_copy_runs=row["queued_runs"],
        copied_runs=copied,
        missed_runs=row["missed_runs"],
        set_aside_runs=row["set_aside_runs"],
        share=1.0 if row["state"] == "done" else _share(settled, row["listed_runs"] + unlisted),
        runs_per_second=rate,
        seconds_left=(waiting + to_come) / rate if rate else None,
        error=row["error"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def _share(settled: int, total: int) -> float | None:
    return max(min(settled / total, 1.0), 0.0) if total else None


def render_unanswered(row: Row) -> UnansweredConnection:
    return UnansweredConnection(
        connection_id=str(row["id"]), namespace=row["namespace"], connected_at=row["created_at"], level=row["level"]
    )


def render_estimate(estimate: Estimate) -> BackfillEstimate:
    return BackfillEstimate(
        runs=estimate.counted.runs,
        open_runs=estimate.counted.open,
        failed_runs=estimate.counted.failed,
        sampled_runs=estimate.sampled,
        is_exact=estimate.is_exact,
        levels=[
            LevelEstimate(
                level=level.level,
                copied_runs=level.runs,
                events=level.events,
                bytes=level.bytes,
                calls=level.calls,
                minutes=level.seconds / 60,
            )
            for level in estimate.levels
        ],
        proposed_level=estimate.proposed,
    )
