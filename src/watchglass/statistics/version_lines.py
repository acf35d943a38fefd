"""The figures of a window, split by version: of the drawing where it has one, else of the workers that ran it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchglass.statistics.from_lines import run_figures
from watchglass.statistics.version_ends import NONE, read_ends, read_versions
from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

MOST_LINES = 50
"""More are only counted: SDKs that are not versioned name a new build whenever the code changes."""


@dataclass(frozen=True, slots=True)
class VersionLines:
    rows: Sequence[Mapping[str, Any]]
    """`version`, `deployment`, `build_id`, `first_run_at`, `last_run_at` and the figures, the last to run first."""
    other: int
    """How many versions there are beyond `MOST_LINES`; those that roll-ups do not tell apart are one."""
    percentile_error: float


async def read_version_lines(reader: Reader, window: Window) -> VersionLines:
    found = await read_versions(reader, window, measured=("duration",))
    ends = await read_ends(reader, window, found.lines)
    rows: list[dict[str, Any]] = [
        {
            **run_figures(line),
            "version": version.number,
            "deployment": version.deployment,
            "build_id": version.build_id,
            "first_run_at": ends[version][0],
            "last_run_at": ends[version][1],
        }
        for version, line in found.lines.items()
        # Changed since it was counted: the next look has it.
        if ends.get(version, NONE) != NONE
    ]
    rows.sort(key=lambda row: row["last_run_at"], reverse=True)
    return VersionLines(rows[:MOST_LINES], max(len(rows) - MOST_LINES, 0) + found.has_rest, found.percentile_error)
