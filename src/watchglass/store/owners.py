"""Whose run is it? A built workflow's that its memo names, one's whose rules hold for it, or its type's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from watchglass.model.connection import Level
from watchglass.model.rules import Rules
from watchglass.parse.built import built_run
from watchglass.parse.matching import RunFacts, holds
from watchglass.store.rules import rules_from_json
from watchglass.store.scope import Reader


@dataclass(frozen=True, slots=True)
class Owner:
    """A workflow that runs belong to."""

    id: UUID
    level: Level | None
    """How much of its runs is copied; None: as the connection says."""
    rules: Rules | None = None
    """Set: somebody else's interpreter runs it."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The workflows of one project that do not just stand for a type."""

    built: Mapping[str, Owner] = field(default_factory=dict)
    """Those that Watchglass runs, by their id as text."""
    registered: Sequence[Owner] = ()
    """Those that somebody else's interpreter runs, the oldest first."""

    def owner_of(self, run: RunFacts) -> Owner | None:
        """None: the observed workflow of its type. A memo that names a workflow of another project names none."""
        told = built_run(run.memo)
        if told is not None and told.workflow_id in self.built:
            return self.built[told.workflow_id]
        return next((owner for owner in self.registered if owner.rules and holds(owner.rules, run)), None)


async def read_owners(reader: Reader, project_ids: Iterable[UUID]) -> dict[UUID, Owners]:
    wanted = sorted(set(project_ids))
    rows = await reader.fetch(
        """
        SELECT project_id, id, level, rules::text AS rules FROM workflows
        WHERE project_id = ANY ($1::uuid[]) AND kind = 'built' ORDER BY created_at, id
        """,
        wanted,
    )
    found: dict[UUID, list[Owner]] = {project_id: [] for project_id in wanted}
    for row in rows:
        level = Level(row["level"]) if row["level"] else None
        found[row["project_id"]].append(Owner(row["id"], level, rules_from_json(row["rules"])))
    return {project_id: _sorted(owners) for project_id, owners in found.items()}


async def is_registered(reader: Reader, project_id: UUID, workflow_id: UUID) -> bool:
    """Does somebody else's interpreter run the workflow?"""
    return bool(
        await reader.fetchval(
            "SELECT rules IS NOT NULL FROM workflows WHERE project_id = $1 AND id = $2", project_id, workflow_id
        )
    )


def _sorted(owners: Sequence[Owner]) -> Owners:
    return Owners(
        built={str(owner.id): owner for owner in owners if owner.rules is None},
        registered=[owner for owner in owners if owner.rules is not None],
    )
