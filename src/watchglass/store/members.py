"""Who is a member of a project, and as what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from watchglass.model.project import Principal, Role
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person may do in a project."""

    role: Role
    sees_payloads: bool


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """What an OpenID provider's group makes of a person in a project."""

    group: str
    membership: Membership


class Outcome(StrEnum):
    """What came of a change of the members."""

    OK = "ok"
    FORBIDDEN = "forbidden"
    """The person asking is no owner."""
    NO_USER = "no_user"
    MEMBER = "member"
    """Is one already."""
    NO_MEMBER = "no_member"
    LAST_OWNER = "last_owner"


async def read_membership(reader: Reader, principal: Principal, project_id: UUID) -> Membership | None:
    """None: no member, or no such project."""
    row = await reader.fetchrow(
        "SELECT role, sees_payloads FROM project_members WHERE project_id = $1 AND user_id = $2",
        project_id,
        principal.user_id,
    )
    return None if row is None else Membership(Role(row["role"]), row["sees_payloads"])


async def read_members(reader: Reader, project_id: UUID) -> list[Row]:
    """`user_id`, `user_name`, `role`, `sees_payloads` and `from_group`, by name; nobody for who is no owner."""
    return list(
        await reader.fetch(
            """
            SELECT m.user_id, m.user_name, m.role, m.sees_payloads, stored.from_group FROM app.members_of($1) m
            JOIN project_members stored ON stored.project_id = $1 AND stored.user_id = m.user_id
            ORDER BY m.user_name
            """,
            project_id,
        )
    )


async def add_member(writer: Writer, project_id: UUID, name: str, new: Membership) -> Outcome:
    """Make the user of that name a member, with a line in the audit log. So do the others."""
    return Outcome(
        await writer.fetchval("SELECT app.add_member($1, $2, $3, $4)", project_id, name, new.role, new.sees_payloads)
    )


async def change_member(writer: Writer, project_id: UUID, user_id: UUID, new: Membership) -> Outcome:
    return Outcome(
        await writer.fetchval(
            "SELECT app.change_member($1, $2, $3, $4)", project_id, user_id, new.role, new.sees_payloads
        )
    )


async def remove_member(writer: Writer, project_id: UUID, user_id: UUID) -> Outcome:
    return Outcome(await writer.fetchval("SELECT app.remove_member($1, $2)", project_id, user_id))


async def follow_groups(door: Writer, user_id: UUID, brought: Mapping[UUID, GroupMembership]) -> list[tuple[UUID, str]]:
    """Make a person's memberships by groups those that are `brought`, by project; others stay as they are.

    Returns what was left undone: a project, and `last_owner` (it would have no owner any more) or `no_project`.
    """
    rows = await door.fetch(
        "SELECT project_id, undone FROM app.follow_groups($1, $2, $3, $4, $5)",
        user_id,
        list(brought),
        [each.membership.role.value for each in brought.values()],
        [each.membership.sees_payloads for each in brought.values()],
        [each.group for each in brought.values()],
    )
    return [(row["project_id"], row["undone"]) for row in rows]
