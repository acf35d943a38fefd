"""Signing in by a password or by a link that opens the door once, and signing out."""

from datetime import timedelta
from uuid import UUID

from watchglass.auth.browser import Browser
from watchglass.auth.password import hash_password, is_password, refuse_weak
from watchglass.auth.secret import hash_secret, new_secret
from watchglass.auth.tries import begin_try, forgive
from watchglass.errors import InvalidInput
from watchglass.model.project import Principal
from watchglass.store.scope import Store, Writer
from watchglass.store.sessions import SignInMethod, act_as, open_session, revoke_session, revoke_sessions
from watchglass.store.sign_in_links import issue_link, use_link
from watchglass.store.tokens import revoke_tokens
from watchglass.store.users import read_password, save_password

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


async def exchange(store: Store, link_secret: str, browser: Browser, *, replaced: str | None) -> str | None:
    """The secret of a new session; None when the link was used, is too old, or never was.

    `replaced` is the secret of the session that the browser had before, which is over.
    """
    async with store.door() as door:
        user_id = await use_link(door, hash_secret(link_secret))
        if user_id is None:
            return None
        return await new_session(door, user_id, browser, method="link", replaced=replaced)


async def sign_in(store: Store, name: str, password: str, browser: Browser, *, replaced: str | None) -> str | None:
    """The secret of a new session; None when nobody is called so or the password is another one.

    Raises:
        TooMany: it was tried too often.
    """
    try_id = await begin_try(store, account=name, browser=browser)
    async with store.door() as door:
        user_id, kept = await read_password(door, name)
    is_right, renewed = await is_password(password, kept)
    if user_id is None or not is_right:
        return None
    await forgive(store, try_id)
    async with store.door() as door:
        session = await new_session(door, user_id, browser, method="password", replaced=replaced)
        if session and renewed:
            await act_as(door, hash_secret(session))
            await save_password(door, user_id, renewed)
        return session


async def change_password(
    store: Store, principal: Principal, *, current: str | None, new: str, browser: Browser, ends_tokens: bool = False
) -> str | None:
    """Set the password of the person asking, end all their sessions, and return the secret of a new one.

    `ends_tokens`: their API tokens end, too, but those that `up` made for its own machine.

    None: `current` is not their password. Whoever has none yet needs to know none.

    Raises:
        InvalidInput: the new password is too weak, or is the one that they have.
        TooMany: it was tried too often.
    """
    refuse_weak(new, name=principal.name)
    if current == new:
        raise InvalidInput("The new password is the one that you have. Take another one.")
    try_id = await begin_try(store, account=principal.name, browser=browser)
    async with store.door() as door:
        _, kept = await read_password(door, principal.name)
    if kept is not None and not (await is_password(current or "", kept))[0]:
        return None
    await forgive(store, try_id)
    hashed = await hash_password(new)
    async with store.door() as door:
        await act_as(door, principal.session_hash)
        await save_password(door, principal.user_id, hashed)
        await revoke_sessions(door, principal.user_id, kept=None)
        if ends_tokens:
            await revoke_tokens(door, principal.user_id)
        return await new_session(door, principal.user_id, browser, method="password", replaced=None)


async def new_session(
    door: Writer, user_id: UUID, browser: Browser, *, method: SignInMethod, replaced: str | None
) -> str | None:
    """The secret of a new session; None for a person who is disabled."""
    secret = new_secret()
    opened = await open_session(
        door,
        secret_hash=hash_secret(secret),
        user_id=user_id,
        lifetime=SESSION_LIFETIME,
        method=method,
        user_agent=browser.user_agent,
        address=browser.network,
        replaced=hash_secret(replaced) if replaced else None,
    )
    return secret if opened else None


async def sign_out(store: Store, principal: Principal) -> None:
    """End the session; the next request with its cookie is refused."""
    async with store.door() as door:
        await act_as(door, principal.session_hash)
        await revoke_session(door, principal.session_hash)
