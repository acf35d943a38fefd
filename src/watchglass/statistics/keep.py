"""Keep the stored totals equal to the rows, in the transaction that changes the rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from watchglass.statistics.contribution import NOTHING, Contribution, contribution
from watchglass.statistics.definitions import COMPONENT_FIGURES, RUN_FIGURES
from watchglass.store.scope import Writer


@asynccontextmanager
async def totals_kept(
    writer: Writer, executions: Sequence[tuple[UUID, UUID]]
) -> AsyncIterator[list[tuple[UUID, UUID]]]:
    """Change the rows of these executions (project, id) inside the block; the totals follow when it ends.

    The executions must be locked. Yields a list for those that the block inserts. What all of them add is computed
    from their rows before and after, by the same queries as a recomputation, and only the difference is written.
    """
    inserted: list[tuple[UUID, UUID]] = []
    before = await contribution(writer, executions) if executions else NOTHING
    yield inserted
    if executions or inserted:
        after = await contribution(writer, [*executions, *inserted])
        await _add_to_totals(writer, after.minus(before))


async def _add_to_totals(writer: Writer, change: Contribution) -> None:
    # Last in the transaction, because it locks rows that every sync of the same workflow wants; keys are sorted, so
    # that two transactions wait for each other in the same order.
    run_figures = tuple(RUN_FIGURES)
    await _add(writer, "workflow_statistics", ("project_id", "workflow_id"), run_figures, change.workflows)
    await _add(
        writer,
        "component_statistics",
        ("project_id", "workflow_id", "kind", "name"),
        tuple(COMPONENT_FIGURES),
        change.components,
    )
    await _add(writer, "task_queue_statistics", ("project_id", "task_queue"), ("total_runs",), change.queues)
    await _add(writer, "project_statistics", ("project_id",), run_figures, _by_project(change.workflows))


def _by_project(workflows: Mapping[Any, tuple[Any, ...]]) -> dict[Any, tuple[Any, ...]]:
    sums: dict[Any, tuple[Any, ...]] = {}
    for (project_id, _), figures in workflows.items():
        known = sums.get((project_id,), (0,) * len(figures))
        sums[(project_id,)] = tuple(a + b for a, b in zip(known, figures, strict=True))
    return sums


async def _add(
    writer: Writer,
    table: str,
    key: tuple[str, ...],
    figures: tuple[str, ...],
    rows: Mapping[Any, tuple[Any, ...]],
) -> None:
    if not rows:
        return
    types = [*(_TYPES.get(name, "uuid") for name in key), *(_FIGURE_TYPES.get(name, "bigint") for name in figures)]
    names = (*key, *figures)
    arrays = ", ".join(f"${i}::{kind}[]" for i, kind in enumerate(types, 1))
    sums = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in figures)
    columns = zip(
        *(tuple(k) + v for k, v in sorted(rows.items(), key=lambda item: tuple(map(str, item[0])))), strict=True
    )
    await writer.execute(
        f"INSERT INTO {table} AS t ({', '.join(names)}) SELECT * FROM unnest({arrays}) "  # noqa: S608 - own names
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sums}",
        *(list(column) for column in columns),
    )


_TYPES = {"kind": "text", "name": "text", "task_queue": "text"}
_FIGURE_TYPES = {"duration_sum_ms": "numeric"}
