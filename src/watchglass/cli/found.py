"""What a new installation begins with: its owner, and a project for each namespace that is looked at."""

from uuid import UUID

from watchglass.cli.temporals import Observed
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store, Writer
from watchglass.store.users import ensure_project, ensure_user, find_project

OWNER = "owner"
"""The person at this machine. There is one."""


async def found(store: Store, observed: tuple[Observed, ...]) -> UUID:
    """Make what is missing, bring addresses up to date, and return the owner's id. Safe at every start."""
    async with store.door() as door:
        owner = await ensure_user(door, OWNER)
        projects = [(place, await _project(door, place, owner)) for place in observed]
    async with store.write() as writer:
        for place, project_id in projects:
            await ensure_connection(
                writer,
                project_id=project_id,
                address=place.address,
                namespace=place.namespace,
                is_embedded=place.is_embedded,
                http_address=place.http_address,
                ui_address=place.ui_address,
            )
    return owner


async def _project(door: Writer, place: Observed, owner: UUID) -> UUID:
    """By what it looks at before its name, which people may have changed."""
    found = await find_project(
        door, owner=owner, address=place.address, namespace=place.namespace, is_embedded=place.is_embedded
    )
    return found or await ensure_project(door, name=place.project, owner=owner)
