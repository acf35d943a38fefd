"""Bearer tokens for programs."""

from datetime import timedelta
from uuid import UUID

from watchglass.auth.secret import hash_secret, new_token
from watchglass.errors import NotFound
from watchglass.model.permission import Scope
from watchglass.store.scope import Store
from watchglass.store.tokens import issue_token
from watchglass.store.users import find_project_of, find_user

TOKEN_LIFETIME = timedelta(days=365)
"""The longest."""


async def create_token(
    store: Store,
    *,
    user: str,
    name: str,
    lifetime: timedelta = TOKEN_LIFETIME,
    scope: Scope = Scope.ADMIN,
    project: str | None = None,
    is_of_start: bool = False,
) -> str:
    """A new token of that user, for all their projects or for one, by name or id.

    It is shown this once: only its hash is kept. `is_of_start`: `up` makes it, and ends it with the next start.

    Raises:
        NotFound: there is no such user, or they have no such project.
    """
    token = new_token()
    user_id = await user_called(store, user)
    project_id = await _project_called(store, user_id, user, project) if project else None
    async with store.door() as door:
        await issue_token(
            door,
            secret_hash=hash_secret(token),
            user_id=user_id,
            name=name,
            lifetime=lifetime,
            scope=scope,
            project_id=project_id,
            is_of_start=is_of_start,
        )
    return token


async def user_called(store: Store, name: str) -> UUID:
    """The user of that name.

    Raises:
        NotFound: there is no such user.
    """
    async with store.door() as door:
        user_id = await find_user(door, name)
    if user_id is None:
        raise NotFound(f"There is no user called {name!r}. The local owner of an installation is called 'owner'.")
    return user_id


async def _project_called(store: Store, user_id: UUID, user: str, project: str) -> UUID:
    async with store.door() as door:
        project_id = await find_project_of(door, user_id, project)
    if project_id is None:
        raise NotFound(f"{user} is a member of no project called {project!r}.")
    return project_id
