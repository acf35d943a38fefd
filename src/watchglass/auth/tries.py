"""How often signing in may be tried. The rules are those of `limits`; PostgreSQL counts, for all processes together.

A try counts until it turns out to be right: for a password at once, for an OpenID provider when the browser comes back
from it signed in.
"""

import hashlib
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from limits import RateLimitItem, parse

from watchglass.auth.browser import Browser
from watchglass.errors import TooMany
from watchglass.store.scope import Store
from watchglass.store.sign_in_tries import Allowance, count_try, forgive_try

PER_ACCOUNT = parse("10 per 5 minutes")
PER_ADDRESS = parse("10 per 5 minutes")
ALL = parse("1000 per 5 minutes")
OIDC_PER_ADDRESS = parse("30 per 5 minutes")
"""More than of passwords: nothing can be guessed by it, and a whole office may be at the provider at once."""


async def begin_try(store: Store, *, account: str, browser: Browser) -> UUID:
    """Count a try before it is looked at, so that many at once are counted too.

    Raises:
        TooMany: the account, the address or the installation has had its share.
    """
    try_id = uuid4()
    await _count(
        store,
        try_id,
        _allowance(PER_ACCOUNT, "account", account),
        _allowance(PER_ADDRESS, "address", browser.counted_as),
        _allowance(ALL, "all"),
    )
    return try_id


async def begin_oidc_try(store: Store, browser: Browser, secret_hash: bytes, *, way: Literal["to", "from"]) -> UUID:
    """Count a way to the OpenID provider, or a way back from it, before anything is asked or remembered for it.

    Both ways of one sign-in are one try, known by the hash of the secret that its browser keeps.

    Raises:
        TooMany: the address or the installation has had its share.
    """
    try_id = UUID(bytes=secret_hash[:16])
    await _count(
        store,
        try_id,
        _allowance(OIDC_PER_ADDRESS, f"{way} oidc, address", browser.counted_as),
        _allowance(ALL, f"{way} oidc, all"),
    )
    return try_id


async def forgive(store: Store, try_id: UUID) -> None:
    """A try that was right does not count."""
    async with store.door() as door:
        await forgive_try(door, try_id)


async def _count(store: Store, try_id: UUID, *allowances: Allowance) -> None:
    async with store.door() as door:
        wait = await count_try(door, try_id, allowances)
    if wait is not None:
        raise TooMany(f"There were too many tries to sign in. Try again in {_spoken(wait)}.", retry_after=wait)


def _allowance(rule: RateLimitItem, *whose: str) -> Allowance:
    """Under a hash: what is typed as a name may well be a password."""
    key = hashlib.sha256(rule.key_for(*whose).encode("utf-8", "surrogatepass")).digest()
    return Allowance(key, rule.amount, timedelta(seconds=rule.get_expiry()))


def _spoken(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    if seconds < 60:
        return f"{seconds} second{'s' * (seconds != 1)}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' * (minutes != 1)}"
