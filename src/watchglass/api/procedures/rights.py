"""Who may change a project."""

from uuid import UUID

from watchglass.api.procedures.absent import Noun, absent
from watchglass.errors import Forbidden
from watchglass.model.project import Principal, Role
from watchglass.store.projects import read_role
from watchglass.store.scope import Reader


async def require_editor(reader: Reader, principal: Principal, project_id: UUID, *, otherwise: Noun) -> None:
    """Raises NotFound for who is no member (`otherwise`: what they asked for), Forbidden for who may only look."""
    role = await read_role(reader, principal, project_id)
    if role is None:
        raise absent(otherwise)
    if role is Role.VIEWER:
        raise Forbidden("You may look at this project but not change it. Ask one of its owners or editors.")
