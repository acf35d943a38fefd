"""What some executions add to the totals, computed from their rows as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from watchglass.statistics.definitions import COMPONENT_FIGURES, IS_COUNTED, RUN_FIGURES
from watchglass.store.scope import Reader

Key = TypeVar("Key")
Figures = tuple[int | Decimal, ...]
"""Values in the order of RUN_FIGURES or COMPONENT_FIGURES."""

WorkflowKey = tuple[UUID, UUID]
"""(project, workflow)"""
ComponentKey = tuple[UUID, UUID, str, str]
"""(project, workflow, kind, name)"""
QueueKey = tuple[UUID, str]
"""(project, task queue)"""

_SCOPE = "(e.project_id, e.id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))"


def _figures(definitions: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in definitions.items())


def runs_query(where: str) -> str:
    return f"""
        SELECT e.project_id, e.workflow_id, {_figures(RUN_FIGURES)}
        FROM workflow_executions e WHERE {where} GROUP BY e.project_id, e.workflow_id
    """  # noqa: S608 - definitions are constants


def components_query(where: str) -> str:
    return f"""
        SELECT e.project_id, e.workflow_id, c.kind, c.name, {_figures(COMPONENT_FIGURES)}
        FROM workflow_executions e
        JOIN component_executions c ON c.project_id = e.project_id AND c.execution_id = e.id AND {IS_COUNTED}
        WHERE {where} GROUP BY e.project_id, e.workflow_id, c.kind, c.name
    """  # noqa: S608


def queues_query(where: str) -> str:
    return f"""
        SELECT e.project_id, e.task_queue, count(*) AS total_runs
        FROM workflow_executions e WHERE {where} GROUP BY e.project_id, e.task_queue
    """  # noqa: S608


@dataclass(frozen=True, slots=True)
class Contribution:
    workflows: Mapping[WorkflowKey, Figures]
    components: Mapping[ComponentKey, Figures]
    queues: Mapping[QueueKey, Figures]

    def minus(self, other: "Contribution") -> "Contribution":
        """What has to be added to `other` to make it this one; unchanged keys are left out."""
        return Contribution(
            _difference(self.workflows, other.workflows),
            _difference(self.components, other.components),
            _difference(self.queues, other.queues),
        )


NOTHING = Contribution({}, {}, {})


async def contribution(reader: Reader, executions: Sequence[tuple[UUID, UUID]]) -> Contribution:
    """What these executions (project, id) add to the totals."""
    scope = [project for project, _ in executions], [execution for _, execution in executions]
    return Contribution(
        _by_key(await reader.fetch(runs_query(_SCOPE), *scope), 2),
        _by_key(await reader.fetch(components_query(_SCOPE), *scope), 4),
        _by_key(await reader.fetch(queues_query(_SCOPE), *scope), 2),
    )


def _by_key(rows: Sequence[asyncpg.Record], width: int) -> dict[Any, Figures]:
    return {values[:width]: values[width:] for values in map(tuple, rows)}


def _difference(new: Mapping[Key, Figures], old: Mapping[Key, Figures]) -> dict[Key, Figures]:
    changed: dict[Key, Figures] = {}
    for key in {**new, **old}:
        nothing = (0,) * len(new.get(key) or old[key])
        delta = tuple(a - b for a, b in zip(new.get(key, nothing), old.get(key, nothing), strict=True))
        if any(delta):
            changed[key] = delta
    return changed
