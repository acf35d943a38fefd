"""The people of the installation, for its administrators."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.shapes.user import NewUserInput, UpdateUserInput, User, UserId, Users
from watchglass.api.trpc.router import Router
from watchglass.auth.people import create_user, update_user
from watchglass.errors import Conflict
from watchglass.model.permission import Permission
from watchglass.store import users as store

router: Router[Context] = Router()


@router.query("user.list", permission=Permission.ADMINISTER)
async def list_users(context: Context) -> Users:
    """Everybody who may sign in, and who could."""
    async with context.store.read_as(context.principal) as reader:
        found = await store.read_managed_users(reader)
    return Users(items=[_shown(user) for user in found])


@router.mutation("user.create", permission=Permission.ADMINISTER)
async def create(context: Context, input: NewUserInput) -> UserId:
    """Let somebody in. They see nothing until an owner makes them a member of a project."""
    user_id = await create_user(
        context.store,
        name=input.name,
        email=input.email,
        password=input.password,
        is_admin=input.is_admin,
        by=context.principal,
    )
    return UserId(id=str(user_id))


@router.mutation("user.update", permission=Permission.ADMINISTER)
async def update(context: Context, input: UpdateUserInput) -> UserId:
    """Disable somebody or let them in again, make them an administrator or not, give them a new password.

    A new password signs them out everywhere and ends their API tokens.
    """
    if input.is_disabled and input.user_id == context.principal.user_id:
        raise Conflict("You cannot disable yourself. Ask another administrator.")
    await update_user(
        context.store,
        input.user_id,
        await _name_of(context, input.user_id),
        is_admin=input.is_admin,
        is_disabled=input.is_disabled,
        password=input.password,
        by=context.principal,
    )
    return UserId(id=str(input.user_id))


async def _name_of(context: Context, user_id: UUID) -> str:
    async with context.store.read_as(context.principal) as reader:
        names = {user.id: user.name for user in await store.read_managed_users(reader)}
    if user_id not in names:
        raise absent("person")
    return names[user_id]


def _shown(user: store.User) -> User:
    return User(
        id=str(user.id),
        name=user.name,
        email=user.email,
        is_admin=user.is_admin,
        is_disabled=user.disabled_at is not None,
        has_password=user.has_password,
        issuers=list(user.issuers),
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )
