"""Which memberships an OpenID provider's groups bring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from watchglass.model.project import Role
from watchglass.store.members import GroupMembership, Membership

_RANKS = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}


@dataclass(frozen=True, slots=True)
class GroupRole:
    """What whoever is in a group is in a project."""

    group: str
    """As the provider calls it, to the letter."""
    project_id: UUID
    membership: Membership


def groups_told(claim: object) -> frozenset[str] | None:
    """The groups in a claim: a list of names, or one name. None: it is something else, or is not there.

    What else stands in a list is passed over. Nothing of it is stored or logged: a name counts when it is one of those
    that the settings name.
    """
    if isinstance(claim, str):
        return frozenset((claim,))
    if isinstance(claim, list):
        return frozenset(each for each in claim if isinstance(each, str))
    return None


def memberships_of(groups: frozenset[str], rules: Iterable[GroupRole]) -> Mapping[UUID, GroupMembership]:
    """By project: the highest role that one of the groups brings, and the right to see values if any brings it."""
    found: dict[UUID, GroupMembership] = {}
    for rule in rules:
        if rule.group not in groups:
            continue
        known = found.get(rule.project_id)
        best = GroupMembership(rule.group, rule.membership)
        if known is not None:
            if _RANKS[known.membership.role] >= _RANKS[rule.membership.role]:
                best = known
            sees = known.membership.sees_payloads or rule.membership.sees_payloads
            best = GroupMembership(best.group, Membership(best.membership.role, sees))
        found[rule.project_id] = best
    return found
