"""People, and the projects that are founded for them."""

from uuid import UUID

from watchglass.store.scope import Writer


async def ensure_user(door: Writer, name: str) -> UUID:
    """The user of that name, made when there is none."""
    user_id: UUID = await door.fetchval("SELECT app.ensure_user($1)", name)
    return user_id


async def find_user(door: Writer, name: str) -> UUID | None:
    user_id: UUID | None = await door.fetchval("SELECT app.find_user($1)", name)
    return user_id


async def ensure_project(door: Writer, *, name: str, owner: UUID) -> UUID:
    """The owner's project of that name, made when there is none. Other people's of that name are other projects."""
    project_id: UUID = await door.fetchval("SELECT app.ensure_project($1, $2)", name, owner)
    return project_id


async def find_project(door: Writer, *, owner: UUID, address: str, namespace: str, is_embedded: bool) -> UUID | None:
    """The owner's oldest project that looks at the namespace. The embedded server's address may have changed."""
    project_id: UUID | None = await door.fetchval(
        "SELECT app.find_project($1, $2, $3, $4)", owner, address, namespace, is_embedded
    )
    return project_id
