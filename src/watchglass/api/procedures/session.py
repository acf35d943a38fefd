"""Who is signed in."""

from watchglass.api.context import Context
from watchglass.api.shapes.session import Me, SignedOut
from watchglass.api.trpc.router import Router
from watchglass.auth.credential import Method
from watchglass.auth.sign_in import sign_out
from watchglass.errors import Conflict
from watchglass.model.permission import Permission

router: Router[Context] = Router()


@router.query("session.me", permission=Permission.SIGNED_IN)
async def me(context: Context) -> Me:
    """Who is asking, and how we know."""
    person = context.principal
    assert context.method is not None
    return Me(id=str(person.user_id), name=person.name, method=context.method.value)


@router.mutation("session.signOut", permission=Permission.SIGNED_IN)
async def end_session(context: Context) -> SignedOut:
    """End the session; the browser's cookie is worth nothing afterwards."""
    if context.method is not Method.SESSION:
        raise Conflict("A bearer token has no session to end. Delete the token instead.")
    await sign_out(context.store, context.principal)
    return SignedOut(signed_out=True)
