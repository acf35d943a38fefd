"""Who may do what in a project: asked under Row Level Security, which knows what a token is bound to.

| permission | asked by                                                                   |
|------------|----------------------------------------------------------------------------|
| look       | Row Level Security: of other projects there is nothing to be found          |
| payloads   | `require_payloads`, or `sees_payloads` where only the values are left out   |
| edit       | `require_editor`                                                           |
| own        | `require_owner`                                                            |

`public`, `signed_in` and `administer` are asked before a procedure runs (`api/context.py`).
"""

from uuid import UUID

from watchglass.api.procedures.absent import Noun, absent
from watchglass.errors import Forbidden
from watchglass.model.project import Principal, Role
from watchglass.store.members import Membership, read_membership
from watchglass.store.scope import Reader

ONLY_OWNERS = "Only owners of this project may do this. Ask one of them."
_NO_VALUES = "You may not see the values of this project's runs. Ask one of its owners for the right to."


async def require_member(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> Membership:
    """What the person may do. Raises NotFound for who is no member (`otherwise`: what they asked for)."""
    membership = await read_membership(reader, principal, project_id)
    if membership is None:
        raise absent(otherwise)
    return membership


async def require_editor(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member, Forbidden for who may only look."""
    refuse_unless_editor(
        (await require_member(reader, principal, project_id, otherwise=otherwise)).role, otherwise=otherwise
    )


async def require_owner(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member, Forbidden for who is no owner."""
    if (await require_member(reader, principal, project_id, otherwise=otherwise)).role is not Role.OWNER:
        raise Forbidden(ONLY_OWNERS)


async def require_payloads(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member, Forbidden for who may not see the values of its runs."""
    if not (await require_member(reader, principal, project_id, otherwise=otherwise)).sees_payloads:
        raise Forbidden(_NO_VALUES)


async def sees_payloads(reader: Reader, principal: Principal, project_id: UUID) -> bool:
    """May the person see the values of its runs?"""
    membership = await read_membership(reader, principal, project_id)
    return membership is not None and membership.sees_payloads


def refuse_unless_editor(role: Role | None, *, otherwise: Noun) -> None:
    """The same, of somebody whose role is known; None is no member."""
    if role is None:
        raise absent(otherwise)
    if role is Role.VIEWER:
        raise Forbidden("You may look at this project but not change it. Ask one of its owners or editors.")
