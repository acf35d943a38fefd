"""What executions add to the figures, computed from their rows as they stand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from watchglass.statistics.columns import BUCKET, COMPONENTS, RUNS, Kept
from watchglass.statistics.definitions import IS_COUNTED
from watchglass.store.scope import Reader

Key = tuple[Any, ...]
"""(project, series, bucket), then the dimensions of `Kept` in order."""

_EXECUTIONS = "workflow_executions e"
_OF_EXECUTION = f"c.project_id = e.project_id AND c.execution_id = e.id AND {IS_COUNTED}"
_COMPONENTS = f"SELECT * FROM component_executions c WHERE {_OF_EXECUTION}"  # noqa: S608 - own words
WITH_COMPONENTS = f"JOIN component_executions c ON {_OF_EXECUTION}"
_SCOPE = "(e.project_id, e.id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))"

OF_WORKFLOW = "e.workflow_id"
OF_PROJECT = "e.project_id"
"""The series of all of a project's workflows together; it is split by fewer things (`SPLIT_BY_WORKFLOW_ALONE`)."""

SPLIT_BY_WORKFLOW_ALONE: Mapping[str, str | int] = {"deployment_name": "", "build_id": "", "version": 0, "node_id": ""}
"""Dimensions that mean nothing across workflows, and what stands in their place in the project's series."""


def counted_query(
    kept: Kept,
    where: str,
    *,
    series: str = OF_WORKFLOW,
    bucket: str = BUCKET,
    joined: str = "",
) -> str:
    """What the rows that meet `where` add up to, in the shape of `kept.changes`: one row a key.

    `where`: a condition on `workflow_executions e` (and `component_executions c`); `joined`: what is joined to them.
    """
    dropped = {name: repr(value) for name, value in SPLIT_BY_WORKFLOW_ALONE.items()} if series == OF_PROJECT else {}
    dimensions = ", ".join(f"{dropped.get(name, sql)} AS {name}" for name, _, sql in kept.dimensions)
    asked = {**kept.sums, **{name: sql for name, (_, sql) in kept.extremes.items()}}
    said = ", ".join(f"{sql} AS {name}" for name, sql in asked.items())
    bins = kept.bins([measure.name for measure in kept.measures])
    keys = ", ".join(map(str, range(1, 4 + len(kept.dimensions))))
    # Joined, PostgreSQL would read all components of a project for the executions of a month.
    components = "" if kept is RUNS else f"CROSS JOIN LATERAL ({_COMPONENTS} OFFSET 0) c"
    source = f"FROM {_EXECUTIONS} {joined} {components} WHERE {where} GROUP BY {keys}"
    return f"""
        SELECT e.project_id, {series} AS series, {bucket} AS bucket, {dimensions}, {said}, {bins} AS bins,
            '{{}}'::bigint[] AS bin_counts {source}
    """


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one key. `sums` and `extremes` in the order of `Kept`; `histogram`: how many by code."""

    sums: tuple[int | Decimal, ...]
    extremes: tuple[float | None, ...]
    histogram: Mapping[int, int]


Contribution = Mapping[Key, Figures]


@dataclass(frozen=True, slots=True)
class Contributions:
    runs: Contribution
    components: Contribution


NOTHING = Contributions({}, {})


async def contributions(reader: Reader, executions: Sequence[tuple[UUID, UUID]]) -> Contributions:
    """What these executions (project, id) add, by workflow."""
    scope = [project for project, _ in executions], [execution for _, execution in executions]
    found = []
    for kept in (RUNS, COMPONENTS):
        rows = await reader.fetch(counted_query(kept, _SCOPE), *scope)
        found.append(dict(_entry(kept, tuple(row)) for row in rows))
    return Contributions(*found)


def _entry(kept: Kept, values: tuple[Any, ...]) -> tuple[Key, Figures]:
    width = 3 + len(kept.dimensions)
    extremes = width + len(kept.sums)
    return values[:width], Figures(values[width:extremes], values[extremes:-2], Counter(values[-2]))


@dataclass(frozen=True, slots=True)
class Change:
    """What has to be added to a key's figures.

    A correction takes away what was counted before: it says of extremes which are lost, not which there are.
    """

    key: Key
    figures: Figures
    is_correction: bool


def changes(new: Contribution, old: Contribution) -> Iterator[Change]:
    """What makes `old` the new one; nothing of keys that stay as they are."""
    for key, figures in old.items():
        if key not in new:
            yield _taken_away(key, figures)
    for key, figures in new.items():
        before = old.get(key)
        if before is None:
            yield Change(key, figures, is_correction=False)
        elif before == figures:
            continue
        elif _loses(figures, before):
            yield _taken_away(key, before)
            yield Change(key, figures, is_correction=False)
        else:
            yield Change(key, _minus(figures, before), is_correction=False)


def _taken_away(key: Key, figures: Figures) -> Change:
    is_correction = any(extreme is not None for extreme in figures.extremes)
    return Change(key, _minus(None, figures), is_correction)


def _minus(new: Figures | None, old: Figures) -> Figures:
    """The extremes are the new ones, or where there is nothing new those that are lost."""
    codes = {*old.histogram, *(new.histogram if new else ())}
    counts = {code: (new.histogram.get(code, 0) if new else 0) - old.histogram.get(code, 0) for code in codes}
    sums = tuple((new.sums[i] if new else 0) - figure for i, figure in enumerate(old.sums))
    return Figures(sums, (new or old).extremes, {code: count for code, count in counts.items() if count})


def _loses(new: Figures, old: Figures) -> bool:
    """Whether a duration that was counted is no longer there, so that extremes may have been its."""
    if any(new.histogram.get(code, 0) < count for code, count in old.histogram.items()):
        return True
    lows = zip(new.extremes[::2], old.extremes[::2], strict=True)
    highs = zip(new.extremes[1::2], old.extremes[1::2], strict=True)
    return any(b is not None and (a is None or a > b) for a, b in lows) or any(
        b is not None and (a is None or a < b) for a, b in highs
    )


def of_projects(kept: Kept, found: Contribution) -> Contribution:
    """The same, for the series of whole projects."""
    nothing = {i: SPLIT_BY_WORKFLOW_ALONE[n] for i, n in enumerate(kept.names) if n in SPLIT_BY_WORKFLOW_ALONE}
    sums: dict[Key, Figures] = {}
    for (project_id, _, bucket, *dimensions), figures in found.items():
        given = (nothing.get(i, value) for i, value in enumerate(dimensions))
        key = (project_id, project_id, bucket, *given)
        known = sums.get(key)
        sums[key] = figures if known is None else _plus(known, figures)
    return sums


def _plus(a: Figures, b: Figures) -> Figures:
    histogram = dict(a.histogram)
    for code, count in b.histogram.items():
        histogram[code] = histogram.get(code, 0) + count
    extremes = tuple(
        _extreme(i, [value for value in pair if value is not None])
        for i, pair in enumerate(zip(a.extremes, b.extremes, strict=True))
    )
    return Figures(tuple(x + y for x, y in zip(a.sums, b.sums, strict=True)), extremes, histogram)


def _extreme(position: int, values: Sequence[float]) -> float | None:
    if not values:
        return None
    return max(values) if position % 2 else min(values)
