"""Bearer tokens for programs."""

from datetime import timedelta
from uuid import UUID

from watchglass.auth.secret import hash_secret, new_token
from watchglass.errors import NotFound
from watchglass.store.scope import Store
from watchglass.store.tokens import issue_token
from watchglass.store.users import find_user

TOKEN_LIFETIME = timedelta(days=365)


async def create_token(store: Store, *, user: str, name: str, lifetime: timedelta = TOKEN_LIFETIME) -> str:
    """A new token of that user. It is shown this once: only its hash is kept.

    Raises:
        NotFound: there is no such user.
    """
    token = new_token()
    user_id = await user_called(store, user)
    async with store.door() as door:
        await issue_token(door, secret_hash=hash_secret(token), user_id=user_id, name=name, lifetime=lifetime)
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
