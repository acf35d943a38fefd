"""Figures of a window, split by the version of the workers that ran it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from watchglass.statistics.columns import RUNS
from watchglass.statistics.definitions import HAS_DURATION
from watchglass.statistics.figures import FEW_RUNS
from watchglass.statistics.histogram import percentile
from watchglass.statistics.read import Line, ask, read_lines
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_BUILDS = 50
"""More are added up as one line: SDKs that are not versioned name a new build whenever the code changes."""


async def read_build_figures(reader: Reader, window: Window) -> Sequence[dict[str, Any]]:
    """One row a build, the one that ran last first; those beyond `MOST_BUILDS` are one row, which comes last.

    Each has `build_id`, `deployment`, `is_rest`, `builds`, `total_runs`, `completed_runs`, `error_runs`,
    `duration_avg`, `duration_p95`, `first_run_at` and `last_run_at`. Percentiles are by nearest rank.
    """
    lines = await read_lines(reader, ask(RUNS, window, by=("deployment_name", "build_id"), with_histogram=True))
    ends = await _ends(reader, window, lines)
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
        row.update(_figures(row.pop("lines")))
    if sum(row["total_runs"] for row in rows) <= FEW_RUNS:
        await _rank(reader, window, rows)
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


def _figures(lines: Sequence[Line]) -> dict[str, Any]:
    sums = {name: sum(line.sums[name] for line in lines) for name in RUNS.sums}
    counts: Counter[int] = Counter()
    for line in lines:
        counts.update(dict(line.histogram))
    ends = [value for line in lines for value in line.extremes.values() if value is not None]
    count = sums["duration_count"]
    return {
        **{name: sums[name] for name in ("total_runs", "completed_runs", "error_runs", "duration_count")},
        "duration_avg": float(sums["duration_sum_ms"] / count) if count else None,
        "duration_p95": percentile(counts, 0.95, minimum=min(ends), maximum=max(ends)) if count else None,
    }


async def _rank(reader: Reader, window: Window, rows: Sequence[dict[str, Any]]) -> None:
    """Few durations are ordered themselves."""
    first = len(window.arguments) + 1
    ranked = await reader.fetch(
        f"""
        SELECT n.number, percentile_disc(0.95) WITHIN GROUP (ORDER BY e.duration_ms) AS p95
        FROM workflow_executions e
        LEFT JOIN unnest(${first}::integer[], ${first + 1}::text[], ${first + 2}::text[])
            AS n(number, deployment, build)
            ON n.deployment IS NOT DISTINCT FROM e.deployment_name AND n.build IS NOT DISTINCT FROM e.build_id
        WHERE {window.where} AND {HAS_DURATION} GROUP BY n.number
        """,  # noqa: S608 - own words only
        *window.arguments,
        [i for i, row in enumerate(rows) if not row["is_rest"]],
        [row["deployment"] for row in rows if not row["is_rest"]],
        [row["build_id"] for row in rows if not row["is_rest"]],
    )
    for row in ranked:
        rows[-1 if row["number"] is None else row["number"]]["duration_p95"] = row["p95"]


async def _ends(reader: Reader, window: Window, lines: Sequence[Line]) -> Sequence[tuple[Any, Any]]:
    """When the first and the last run of each line started: two looks at an index each."""
    found: dict[int, tuple[Any, Any]] = {}
    forms: dict[tuple[str, ...], list[int]] = {}
    for place, line in enumerate(lines):
        forms.setdefault(tuple(_test(*each) for each in zip(("d", "b"), line.dimensions, strict=True)), []).append(
            place
        )
    first = len(window.arguments) + 1
    for (deployment, build), places in forms.items():
        one = (
            f"SELECT e.started_at FROM workflow_executions e WHERE {window.where} "  # noqa: S608 - own words
            f"AND {deployment.format('e.deployment_name')} AND {build.format('e.build_id')} ORDER BY e.started_at"
        )
        rows = await reader.fetch(
            f"SELECT n.place, ({one} LIMIT 1), ({one} DESC LIMIT 1) "  # noqa: S608
            f"FROM unnest(${first}::integer[], ${first + 1}::text[], ${first + 2}::text[]) AS n(place, d, b)",
            *window.arguments,
            places,
            [lines[place].dimensions[0] for place in places],
            [lines[place].dimensions[1] for place in places],
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return [found[place] for place in range(len(lines))]


def _test(column: str, value: str | None) -> str:
    """A condition that an index can answer. None: of those that are not told apart, whatever they are."""
    if value is None:
        return "true"
    return f"{{}} = n.{column}" if value else "{} IS NULL"
