"""Signing in by a link that opens the door once, and signing out."""

from datetime import timedelta
from uuid import UUID

from watchglass.auth.secret import hash_secret, new_secret
from watchglass.model.project import Principal
from watchglass.store.scope import Store
from watchglass.store.sessions import revoke_session
from watchglass.store.sign_in_links import exchange_link, issue_link

LINK_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=7)
"""Absolute; a session that nobody uses ends after 12 hours."""


async def new_sign_in_url(store: Store, *, user_id: UUID, page: str) -> str:
    """A link for one sign-in within ten minutes. `page` is the page's address, for instance `http://127.0.0.1:8780/`.

    The secret is in the fragment, which browsers send to no server and write into no `Referer`.
    """
    secret = new_secret()
    async with store.door() as door:
        await issue_link(door, secret_hash=hash_secret(secret), user_id=user_id, lifetime=LINK_LIFETIME)
    return f"{page.rstrip('/')}/#sign-in={secret}"


async def exchange(store: Store, link_secret: str) -> str | None:
    """The secret of a new session; None when the link was used, is too old, or never was."""
    session = new_secret()
    async with store.door() as door:
        user_id = await exchange_link(
            door,
            link_hash=hash_secret(link_secret),
            session_hash=hash_secret(session),
            lifetime=SESSION_LIFETIME,
        )
    return None if user_id is None else session


async def sign_out(store: Store, principal: Principal) -> None:
    """End the session; the next request with its cookie is refused."""
    async with store.door() as door:
        await revoke_session(door, principal.session_hash)
