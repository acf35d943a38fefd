"""Figures of a window, split by the version of the workers that ran it."""

from collections.abc import Sequence
from typing import Any

from watchglass.statistics.columns import RUNS
from watchglass.statistics.first_and_last import Wanted, first_and_last
from watchglass.statistics.from_lines import measured, together
from watchglass.statistics.line import Line
from watchglass.statistics.removed import removed_days, with_days
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_BUILDS = 50
"""More are added up as one line: SDKs that are not versioned name a new build whenever the code changes."""


async def read_build_figures(reader: Reader, window: Window, lines: Sequence[Line]) -> Sequence[dict[str, Any]]:
    """One row a build, the one that ran last first; those beyond `MOST_BUILDS` are one row, which comes last.

    `lines`: of the window, by `deployment_name` and `build_id`. Each row has `build_id`, `deployment`, `is_rest`,
    `builds`, `total_runs`, `completed_runs`, `error_runs`, `duration_avg`, `duration_p95`, `first_run_at` and
    `last_run_at`. Percentiles are by nearest rank.
    """
    known = [line.ran for line in lines if line.ran is not None]
    ends = known if len(known) == len(lines) else await _ends(reader, window, lines)
    found = [
        {
            "deployment": line.dimensions[0] or None,
            "build_id": line.dimensions[1] or None,
            # Null words: those that are not told apart in the roll-ups.
            "is_rest": line.dimensions[0] is None,
            "lines": [line],
            "first_run_at": first,
            "last_run_at": last,
        }
        for line, (first, last) in zip(lines, ends, strict=True)
    ]
    found.sort(key=lambda row: (row["is_rest"], -row["last_run_at"].timestamp(), row["deployment"] or "~"))
    named, rest = found[:MOST_BUILDS], found[MOST_BUILDS:]
    rest = [*(row for row in named if row["is_rest"]), *rest]
    rows = [row for row in named if not row["is_rest"]] + ([_together(rest)] if rest else [])
    for row in rows:
        row.setdefault("builds", 1)
        row.update(_figures(together(RUNS, row.pop("lines"))))
    return rows


def _together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "deployment": None,
        "build_id": None,
        "is_rest": True,
        "builds": len(rows),
        "lines": [line for row in rows for line in row["lines"]],
        "first_run_at": min(row["first_run_at"] for row in rows),
        "last_run_at": max(row["last_run_at"] for row in rows),
    }


def _figures(line: Line) -> dict[str, Any]:
    durations = measured(RUNS, line, "duration", (95,))
    return {
        **{name: line.sums[name] for name in ("total_runs", "completed_runs", "error_runs", "duration_count")},
        "duration_avg": durations["avg"],
        "duration_p95": durations["p95"],
    }


async def _ends(reader: Reader, window: Window, lines: Sequence[Line]) -> Sequence[tuple[Any, Any]]:
    found = await first_and_last(reader, window, [_wanted(*line.dimensions) for line in lines])
    days = await removed_days(reader, window, by=("deployment_name", "build_id"))
    return [with_days(*ends, days.get(line.dimensions)) for ends, line in zip(found, lines, strict=True)]


def _wanted(deployment: str | None, build: str | None) -> Wanted:
    """A null word is any, of those that are not told apart."""
    words = {"deployment_name": deployment, "build_id": build}
    return {column: word or None for column, word in words.items() if word is not None}
