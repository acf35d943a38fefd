"""Who is signed in, with which browsers."""

from watchglass.api import oidc
from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.where import places_of
from watchglass.api.shapes.session import Me, Provider, Revoked, Session, SessionIdInput, Sessions, SignedOut, Ways
from watchglass.api.trpc.router import Router
from watchglass.auth.credential import Method
from watchglass.auth.sign_in import sign_out
from watchglass.errors import Conflict
from watchglass.model.permission import Permission
from watchglass.store.sessions import act_as, read_own_sessions, revoke_own_session, revoke_sessions
from watchglass.store.users import has_password_users

router: Router[Context] = Router()


@router.query("session.me", permission=Permission.SIGNED_IN)
async def me(context: Context) -> Me:
    """Who is asking, and how we know."""
    person = context.principal
    assert context.method is not None
    return Me(
        id=str(person.user_id),
        name=person.name,
        method=context.method.value,
        is_admin=person.is_admin,
        places=places_of(context),
    )


@router.query("session.ways", permission=Permission.PUBLIC)
async def ways(context: Context) -> Ways:
    """How people sign in here, besides by a link that `watchglass sign-in-link` prints."""
    async with context.store.door() as door:
        has_passwords = await has_password_users(door)
    provider = context.door.provider
    return Ways(
        password=has_passwords,
        provider=Provider(name=provider.name, path=oidc.PATH) if provider else None,
    )


@router.query("session.list", permission=Permission.SIGNED_IN)
async def list_sessions(context: Context) -> Sessions:
    """The browsers that the person asking is signed in with."""
    async with context.store.read_as(context.principal) as reader:
        found = await read_own_sessions(reader)
    return Sessions(
        items=[
            Session(
                id=str(session.id),
                is_current=session.is_current,
                method=session.method,
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                expires_at=session.expires_at,
                user_agent=session.user_agent,
                network=session.address,
            )
            for session in found
        ]
    )


@router.mutation("session.revoke", permission=Permission.SIGNED_IN)
async def revoke(context: Context, input: SessionIdInput) -> Revoked:
    """Sign one browser of the person asking out; its next request is refused."""
    async with context.store.write_as(context.principal) as writer:
        if not await revoke_own_session(writer, input.session_id):
            raise absent("session")
    return Revoked(count=1)


@router.mutation("session.revokeOthers", permission=Permission.SIGNED_IN)
async def revoke_others(context: Context) -> Revoked:
    """Sign every browser of the person asking out but the one that asks."""
    person = context.principal
    async with context.store.door() as door:
        await act_as(door, person.session_hash)
        return Revoked(count=await revoke_sessions(door, person.user_id, kept=person.session_hash))


@router.mutation("session.signOut", permission=Permission.SIGNED_IN)
async def end_session(context: Context) -> SignedOut:
    """End the session; the browser's cookie is worth nothing afterwards."""
    if context.method is not Method.SESSION:
        raise Conflict("A bearer token has no session to end. Delete the token instead.")
    await sign_out(context.store, context.principal)
    return SignedOut(signed_out=True)
