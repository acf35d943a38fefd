"""The runs of a chain, from their rows."""

from watchglass.api.shapes.chain import ChainFigures, ChainRun
from watchglass.store.chains import ChainPage
from watchglass.store.summaries import Row

_RUN_COLUMNS = (
    "temporal_run_id",
    "origin",
    "from_run_id",
    "status",
    "phase",
    "problem",
    "started_at",
    "closed_at",
    "duration_ms",
    "component_count",
    "failed_component_count",
    "retry_count",
    "unexpected_retry_count",
    "error_type",
    "error_message",
    "detail_state",
)


def render_chain_page(page: ChainPage, *, descending: bool) -> list[ChainRun]:
    step = -1 if descending else 1
    return [_run(row, page.first_number + step * at) for at, row in enumerate(page.rows)]


def _run(row: Row, number: int) -> ChainRun:
    before = row["from_execution_id"]
    return ChainRun(
        **{name: row[name] for name in _RUN_COLUMNS},
        number=number,
        execution_id=str(row["id"]),
        from_execution_id=str(before) if before else None,
        is_missing_before=row["from_run_id"] is not None and before is None,
        is_gone=row["source_gone_at"] is not None,
        is_replaced=row["superseded_by"] is not None or row["stopped_by_reset"],
    )


def render_chain_figures(row: Row) -> ChainFigures:
    return ChainFigures(**row)
