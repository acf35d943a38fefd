"""When the first and the last run of each version started, also where there are too many runs to look at them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from watchglass.statistics.columns import RUNS
from watchglass.statistics.first_and_last import Ends, Wanted, first_and_last
from watchglass.statistics.from_lines import together
from watchglass.statistics.line import Line
from watchglass.statistics.parts import beginnings
from watchglass.statistics.question import ask
from watchglass.statistics.read import read_exactly, read_lines
from watchglass.statistics.removed import removed_before, removed_days, with_days
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

PARTS = 48
"""Roll-ups say in which part of the window the end is; then an index is read for no longer than that."""
NONE: Ends = (None, None)


@dataclass(frozen=True, slots=True)
class Version:
    number: int | None
    """Of a drawing; then the others are None."""
    deployment: str | None
    build_id: str | None


@dataclass(frozen=True, slots=True)
class Versions:
    lines: Mapping[Version, Line]
    has_rest: bool
    """Whether there are some that are not told apart."""
    percentile_error: float


async def read_versions(
    reader: Reader, window: Window, *, measured: tuple[str, ...] = (), figures: tuple[str, ...] | None = None
) -> Versions:
    """What ran in the window, by version."""
    lines, error = await read_exactly(reader, ask(RUNS, window, by=_BY, measured=measured, figures=figures))
    found: dict[Version | None, list[Line]] = {}
    for line in lines:
        found.setdefault(_version_of(line), []).append(line)
    has_rest = found.pop(None, None) is not None
    return Versions({v: together(RUNS, some) for v, some in found.items() if v is not None}, has_rest, error)


async def seen_versions(reader: Reader, window: Window) -> set[Version]:
    """Those that ran in the window, no more."""
    lines = await read_lines(reader, ask(RUNS, window, by=_BY, figures=()))
    return {version for line in lines if (version := _version_of(line)) is not None}


_BY = ("version", "deployment_name", "build_id")


def _version_of(line: Line) -> Version | None:
    """None: of those that are not told apart."""
    return _version(*line.dimensions)


def _version(number: int | None, deployment: str | None, build_id: str | None) -> Version | None:
    if number:
        return Version(number, None, None)
    if deployment is None or build_id is None:
        return None
    return Version(None, deployment or None, build_id or None)


async def read_starts(reader: Reader, window: Window) -> Ends:
    """When the first and the last run of the window started; where rows were removed, on which days."""
    return with_days(*await _read_starts(reader, window), (await removed_days(reader, window)).get(()))


async def _read_starts(reader: Reader, window: Window) -> Ends:
    one = f"SELECT e.started_at FROM workflow_executions e WHERE {window.where} ORDER BY e.started_at"  # noqa: S608
    row = await reader.fetchrow(f"SELECT ({one} LIMIT 1), ({one} DESC LIMIT 1)", *window.arguments)
    assert row is not None
    return row[0], row[1]


async def read_ends(reader: Reader, window: Window, versions: Mapping[Version, Line]) -> dict[Version, Ends]:
    """Of these, as they were read; without those that changed since."""
    if all(line.ran for line in versions.values()):
        return {version: line.ran for version, line in versions.items() if line.ran is not None}
    rows_from = await removed_before(reader, window)
    if rows_from is None:
        return await _read_ends(reader, window, versions)
    ends: dict[Version, Ends] = {}
    if window.end is None or window.end > rows_from:
        ends = await _read_ends(reader, replace(window, start=rows_from), versions)
    for dimensions, days in (await removed_days(reader, window, by=_BY)).items():
        version = _version(*dimensions)
        if version is not None:
            ends[version] = with_days(*ends.get(version, NONE), days)
    return ends


async def _read_ends(reader: Reader, window: Window, versions: Mapping[Version, Line]) -> dict[Version, Ends]:
    if window.workflow_id is not None:
        ends = await first_and_last(reader, window, [_wanted(version) for version in versions])
        return {version: pair for version, pair in zip(versions, ends, strict=True) if pair != NONE}
    return await _find_ends(reader, window, versions)


def _wanted(version: Version) -> Wanted:
    if version.number is not None:
        return {"version": version.number}
    return {"version": None, "deployment_name": version.deployment, "build_id": version.build_id}


async def _find_ends(reader: Reader, window: Window, versions: Mapping[Version, Line]) -> dict[Version, Ends]:
    """Of a whole project, which has no index of them."""
    first, last = await _read_starts(reader, window)
    if first is None or last is None:
        return {}
    end = last + timedelta(microseconds=1)
    parts = list(pairwise([*beginnings(first, end, PARTS), end]))
    seen: dict[Version, set[int]] = {}
    for line in await read_lines(reader, ask(RUNS, window, by=_BY, windows=parts, figures=())):
        version = _version_of(line)
        if version is not None:
            seen.setdefault(version, set()).add(line.window)
    wanted = [version for version in versions if version in seen]
    return await _look(reader, window, wanted, [(parts[min(seen[v])], parts[max(seen[v])]) for v in wanted])


_Part = tuple[datetime, datetime]


async def _look(
    reader: Reader, window: Window, versions: Sequence[Version], places: Sequence[tuple[_Part, _Part]]
) -> dict[Version, Ends]:
    at = len(window.arguments) + 1
    one = (
        f"SELECT e.started_at FROM workflow_executions e WHERE {window.where} "  # noqa: S608 - own words only
        "AND e.version IS NOT DISTINCT FROM n.version AND (n.version IS NOT NULL OR "
        "e.deployment_name IS NOT DISTINCT FROM n.deployment AND e.build_id IS NOT DISTINCT FROM n.build_id) "
    )
    rows = (
        await reader.fetch(
            f"""
        SELECT (
            {one} AND e.started_at >= n.first_from AND e.started_at < n.first_to ORDER BY e.started_at LIMIT 1
        ), (
            {one} AND e.started_at >= n.last_from AND e.started_at < n.last_to ORDER BY e.started_at DESC LIMIT 1
        )
        FROM unnest(${at}::integer[], ${at + 1}::text[], ${at + 2}::text[], ${at + 3}::timestamptz[],
            ${at + 4}::timestamptz[], ${at + 5}::timestamptz[], ${at + 6}::timestamptz[])
            WITH ORDINALITY
            AS n(version, deployment, build_id, first_from, first_to, last_from, last_to, place) ORDER BY n.place
        """,  # noqa: S608 - own words only
            *window.arguments,
            [version.number for version in versions],
            [version.deployment for version in versions],
            [version.build_id for version in versions],
            *([part[side] for part in ends] for ends in zip(*places, strict=True) for side in (0, 1)),
        )
        if versions
        else []
    )
    return {version: (row[0], row[1]) for version, row in zip(versions, rows, strict=True)}
