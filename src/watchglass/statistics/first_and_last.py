"""When the first and the last run of builds and versions started: two looks at an index each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchglass.statistics.window import Window
from watchglass.store.scope import Reader

Ends = tuple[datetime | None, datetime | None]
Wanted = Mapping[str, Any]
"""Value by column, of `version`, `deployment_name` and `build_id`. None: those without. One that is not named may be
anything.
"""

_TYPES = {"version": "integer[]", "deployment_name": "text[]", "build_id": "text[]"}
_IN_TIME = ("e.started_at", "e.started_at DESC")
_BY_VERSION = ("e.version DESC, e.started_at", "e.version, e.started_at DESC")
_BY_BUILD = (
    "e.deployment_name DESC, e.build_id DESC, e.started_at",
    "e.deployment_name, e.build_id, e.started_at DESC",
)
"""The orders of the indexes of versions and builds, so that one is looked up there: in the order of time, what ran last
year is behind all that ran since."""


async def first_and_last(reader: Reader, window: Window, wanted: Sequence[Wanted]) -> list[Ends]:
    """Of the runs of the window that are so, in the order of `wanted`; None where there are none.

    The window is of one workflow: a project has no such index.
    """
    found: dict[int, Ends] = {}
    forms: dict[tuple[str, ...], list[int]] = {}
    for place, one in enumerate(wanted):
        forms.setdefault(tuple(_test(column, value) for column, value in one.items()), []).append(place)
    asked = len(window.arguments) + 2
    values = ", ".join(f"${asked + i}::{type}" for i, type in enumerate(_TYPES.values()))
    for tests, places in forms.items():
        one_run = (
            f"SELECT e.started_at FROM workflow_executions e WHERE {' AND '.join((window.where, *tests))} ORDER BY"  # noqa: S608
        )
        earliest, latest = _orders(wanted[places[0]])
        rows = await reader.fetch(
            f"SELECT n.place, ({one_run} {earliest} LIMIT 1), ({one_run} {latest} LIMIT 1) "  # noqa: S608 - own words
            f"FROM unnest(${asked - 1}::integer[], {values}) AS n(place, {', '.join(_TYPES)})",
            *window.arguments,
            places,
            *([wanted[place].get(column) for place in places] for column in _TYPES),
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return [found[place] for place in range(len(wanted))]


def _test(column: str, value: Any) -> str:
    """`ANY` of one leaves the order of the index alone."""
    return f"e.{column} IS NULL" if value is None else f"e.{column} = ANY (ARRAY[n.{column}])"


def _orders(wanted: Wanted) -> tuple[str, str]:
    if wanted.get("version") is not None:
        return _BY_VERSION
    return _BY_BUILD if wanted.keys() >= {"build_id", "deployment_name"} else _IN_TIME
