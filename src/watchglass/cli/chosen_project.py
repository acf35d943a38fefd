"""The project that a command names."""

from uuid import UUID

from watchglass.errors import NotFound
from watchglass.store.projects import all_projects, project_named
from watchglass.store.scope import Reader


async def choose_project(reader: Reader, wanted: str) -> UUID:
    """Raises NotFound, with the names that there are."""
    found = await project_named(reader, wanted)
    if found is None:
        names = ", ".join(row["name"] for row in await all_projects(reader)) or "none yet"
        raise NotFound(f"There is no project {wanted!r}. There are: {names}.")
    return found
