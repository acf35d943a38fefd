"""Making and changing the people of an installation."""

from uuid import UUID

from watchglass.auth.password import hash_password, refuse_weak
from watchglass.errors import Conflict, InvalidInput, NotFound
from watchglass.model.project import Principal
from watchglass.store.scope import Store, Writer
from watchglass.store.sessions import act_as, revoke_sessions
from watchglass.store.tokens import revoke_tokens
from watchglass.store.users import add_user, change_user, save_password

_LAST = "This is the only person who manages people here. Make somebody else an administrator first."


async def create_user(
    store: Store, *, name: str, email: str | None, password: str | None, is_admin: bool, by: Principal | None = None
) -> UUID:
    """Somebody new, who is a member of no project yet. `by`: who lets them in; None at the command line.

    Raises:
        InvalidInput: the name cannot be read, or the password is too weak.
        Conflict: the name or the address is somebody's already.
    """
    if not (name.strip() == name and 0 < len(name) <= 100 and name.isprintable()):
        raise InvalidInput("A name has 1 to 100 characters, none of them invisible, and no space at its ends.")
    hashed = await _hashed(password, name)
    async with store.door() as door:
        await _name_who(door, by)
        user_id = await add_user(door, name=name, email=email, is_admin=is_admin, password_hash=hashed)
    if user_id is None:
        raise Conflict(f"Somebody is called {name!r} already, or has this e-mail address. Take others.")
    return user_id


async def update_user(
    store: Store,
    user_id: UUID,
    name: str,
    *,
    is_admin: bool | None = None,
    is_disabled: bool | None = None,
    password: str | None = None,
    by: Principal | None = None,
) -> int:
    """Change somebody; None leaves as it is. Returns how many of their API tokens were ended.

    Whoever is disabled or gets a new password is signed out everywhere. A new password ends their API tokens, too, but
    those that `up` made for its own machine; while somebody is disabled, theirs open nothing.

    Raises:
        InvalidInput: the password is too weak.
        Conflict: nobody would manage people any more.
        NotFound: there is no such person.
    """
    hashed = await _hashed(password, name)
    async with store.door() as door:
        await _name_who(door, by)
        outcome = await change_user(door, user_id, is_admin=is_admin, is_disabled=is_disabled)
        if outcome == "last_admin":
            raise Conflict(_LAST)
        if outcome == "absent":
            raise NotFound("There is no such person.")
        if hashed is not None:
            await save_password(door, user_id, hashed)
            await revoke_sessions(door, user_id, kept=None)
            return await revoke_tokens(door, user_id)
    return 0


async def _name_who(door: Writer, by: Principal | None) -> None:
    if by is not None:
        await act_as(door, by.session_hash)


async def _hashed(password: str | None, name: str) -> str | None:
    if password is None:
        return None
    refuse_weak(password, name=name)
    return await hash_password(password)
