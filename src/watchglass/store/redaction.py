"""A project's redaction rules, and which stored histories they have not been applied to."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from watchglass.errors import Conflict
from watchglass.model.redaction import NO_RULES, NamedPattern, RedactionRules
from watchglass.store.history_pages import HistoryPage
from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey


@dataclass(frozen=True, slots=True)
class KeptRules:
    rules: RedactionRules
    revision: int
    """Goes up with every change; 0: there never were any."""


async def read_rules(reader: Reader, project_id: UUID) -> KeptRules:
    """The project's rules, as far as the reader sees the project."""
    row = await reader.fetchrow("SELECT redaction_rules, redaction_revision FROM projects WHERE id = $1", project_id)
    return KeptRules(NO_RULES, 0) if row is None else KeptRules(_rules(row[0]), row[1])


async def read_revisions(reader: Reader, project_ids: Collection[UUID]) -> dict[UUID, int]:
    """By project, the revision of the rules that hide something now; 0 where nothing is hidden."""
    rows = await reader.fetch(
        "SELECT id, CASE WHEN redaction_rules IS NULL THEN 0 ELSE redaction_revision END FROM projects "
        "WHERE id = ANY ($1::uuid[])",
        list(project_ids),
    )
    return {row[0]: row[1] for row in rows}


async def save_rules(writer: Writer, project_id: UUID, rules: RedactionRules, *, instead_of: int | None = None) -> int:
    """Replace them, whichever they are or those of one revision, and return the new revision.

    Raises:
        Conflict: the rules have another revision by now.
    """
    text = None if rules.is_empty else json.dumps(asdict(rules), ensure_ascii=False)
    revision: int | None = await writer.fetchval(
        """
        UPDATE projects SET redaction_rules = $2, redaction_revision = redaction_revision + 1
        WHERE id = $1 AND ($3::bigint IS NULL OR redaction_revision = $3)
        RETURNING redaction_revision
        """,
        project_id,
        text,
        instead_of,
    )
    if revision is None:
        raise Conflict(
            "Somebody else changed the rules of this project after you had loaded them. Yours are not saved: load the "
            "rules again, and compare before you save."
        )
    return revision


def _rules(text: str | None) -> RedactionRules:
    if text is None:
        return NO_RULES
    said: dict[str, Any] = json.loads(text)
    return RedactionRules(
        keys=tuple(said["keys"]),
        paths=tuple(said["paths"]),
        patterns=tuple(NamedPattern(name) for name in said["patterns"]),
        expressions=tuple(said["expressions"]),
    )


_BEHIND = "project_id = $1 AND redaction_revision < $2"


async def unredacted_runs(
    reader: Reader, project_id: UUID, *, revision: int, after: UUID, limit: int
) -> list[ExecutionKey]:
    """Executions behind `after`, by id, with a page that an older state of the rules, or none, was applied to."""
    rows = await reader.fetch(
        f"SELECT DISTINCT execution_id FROM history_pages WHERE {_BEHIND} AND execution_id > $3 "  # noqa: S608 - constant
        "ORDER BY execution_id LIMIT $4",
        project_id,
        revision,
        after,
        limit,
    )
    return [ExecutionKey(project_id, row[0]) for row in rows]


async def count_unredacted(reader: Reader, project_id: UUID, revision: int) -> int:
    """How many executions `unredacted_runs` finds in all."""
    return int(
        await reader.fetchval(
            f"SELECT count(DISTINCT execution_id) FROM history_pages WHERE {_BEHIND}",  # noqa: S608 - a constant
            project_id,
            revision,
        )
    )


async def is_redacted(reader: Reader, key: ExecutionKey) -> bool:
    """Was anything hidden in the stored history?"""
    return bool(
        await reader.fetchval(
            "SELECT EXISTS (SELECT FROM history_pages WHERE project_id = $1 AND execution_id = $2 AND is_redacted)",
            key.project_id,
            key.id,
        )
    )


async def replace_pages(writer: Writer, key: ExecutionKey, pages: Sequence[HistoryPage]) -> None:
    """Write the same pages again, with what is hidden in them now."""
    await writer.execute(
        """
        UPDATE history_pages p SET data = given.data, redaction_revision = given.revision,
            is_redacted = given.is_redacted
        FROM unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::boolean[])
            AS given(first_event_id, data, revision, is_redacted)
        WHERE p.project_id = $1 AND p.execution_id = $2 AND p.first_event_id = given.first_event_id
        """,
        key.project_id,
        key.id,
        [page.first_event_id for page in pages],
        [page.data for page in pages],
        [page.redaction_revision for page in pages],
        [page.is_redacted for page in pages],
    )


Place = tuple[UUID, str, int]
"""Of a search attribute: execution, name, position in a list."""


@dataclass(frozen=True, slots=True)
class KeptAttribute:
    place: Place
    name: str
    type: str
    json: bytes
    """The value as JSON text."""


async def read_attributes(reader: Reader, project_id: UUID, *, after: Place, limit: int) -> list[KeptAttribute]:
    """Search attributes of the project's executions behind `after`, those without a value left out."""
    rows = await reader.fetch(
        """
        SELECT execution_id, name, position, type, coalesce(
            to_json(text_value), to_json(int_value), to_json(double_value), to_json(bool_value), to_json(time_value)
        )::text AS value
        FROM execution_search_attributes
        WHERE project_id = $1 AND (execution_id, name, position) > ($2, $3, $4)
            AND num_nonnulls(text_value, int_value, double_value, bool_value, time_value) > 0
        ORDER BY execution_id, name, position LIMIT $5
        """,
        project_id,
        *after,
        limit,
    )
    return [KeptAttribute((row[0], row[1], row[2]), row[1], row[3], row[4].encode()) for row in rows]


async def replace_attributes(writer: Writer, project_id: UUID, hidden: Mapping[Place, bytes]) -> None:
    """Put JSON texts in place of values; what was no text becomes one."""
    await writer.execute(
        """
        UPDATE execution_search_attributes a SET text_value = given.value, int_value = NULL, double_value = NULL,
            bool_value = NULL, time_value = NULL,
            type = CASE WHEN a.type IN ('Keyword', 'Text', 'KeywordList') THEN a.type ELSE 'Keyword' END
        FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[]) AS given(execution_id, name, position, value)
        WHERE a.project_id = $1 AND (a.execution_id, a.name, a.position)
            = (given.execution_id, given.name, given.position)
        """,
        project_id,
        [place[0] for place in hidden],
        [place[1] for place in hidden],
        [place[2] for place in hidden],
        [str(json.loads(value)) for value in hidden.values()],
    )


async def newest_copied(reader: Reader, project_id: UUID) -> ExecutionKey | None:
    """The project's newest run whose history is stored."""
    found: UUID | None = await reader.fetchval(
        "SELECT id FROM workflow_executions WHERE project_id = $1 AND synced_event_id > 0 "
        "ORDER BY started_at DESC, id DESC LIMIT 1",
        project_id,
    )
    return None if found is None else ExecutionKey(project_id, found)
