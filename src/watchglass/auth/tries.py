"""How often signing in may be tried. The rules are those of `limits`; PostgreSQL counts, for all processes together."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from limits import RateLimitItem, parse

from watchglass.auth.browser import Browser
from watchglass.errors import TooMany
from watchglass.store.scope import Store
from watchglass.store.sign_in_tries import Allowance, count_try, forgive_try

PER_ACCOUNT = parse("10 per 5 minutes")
PER_ADDRESS = parse("10 per 5 minutes")
ALL = parse("1000 per 5 minutes")


async def begin_try(store: Store, *, account: str, browser: Browser) -> UUID:
    """Count a try before it is looked at, so that many at once are counted too.

    Raises:
        TooMany: the account, the address or the installation has had its share.
    """
    try_id = uuid4()
    allowances = [
        _allowance(PER_ACCOUNT, "account", account),
        _allowance(PER_ADDRESS, "address", browser.counted_as),
        _allowance(ALL, "all"),
    ]
    async with store.door() as door:
        wait = await count_try(door, try_id, allowances)
    if wait is not None:
        raise TooMany(f"There were too many tries to sign in. Try again in {_spoken(wait)}.", retry_after=wait)
    return try_id


async def forgive(store: Store, try_id: UUID) -> None:
    """A try that was right does not count."""
    async with store.door() as door:
        await forgive_try(door, try_id)


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
