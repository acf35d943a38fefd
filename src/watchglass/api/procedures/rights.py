"""Who may change a project."""

from uuid import UUID

from watchglass.api.procedures.absent import Noun, absent
from watchglass.errors import Forbidden
from watchglass.model.project import Principal, Role
from watchglass.store.projects import read_role
from watchglass.store.scope import Reader


async def require_editor(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member (`otherwise`: what they asked for), Forbidden for who may only look."""
    refuse_unless_editor(await read_role(reader, principal, project_id), otherwise=otherwise)


async def require_owner(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member, Forbidden for who is no owner."""
    role = await read_role(reader, principal, project_id)
    refuse_unless_editor(role, otherwise=otherwise)
    if role is not Role.OWNER:
        raise Forbidden("Only owners of this project may change this. Ask one of them.")


def refuse_unless_editor(role: Role | None, *, otherwise: Noun) -> None:
    """The same, of somebody whose role is known; None is no member."""
    if role is None:
        raise absent(otherwise)
    if role is Role.VIEWER:
        raise Forbidden("You may look at this project but not change it. Ask one of its owners or editors.")
