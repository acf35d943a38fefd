"""How often somebody tried to sign in, counted for all processes together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class Allowance:
    """`amount` tries under `key` in each stretch of `window`."""

    key: bytes
    amount: int
    window: timedelta


async def count_try(door: Writer, try_id: UUID, allowances: Sequence[Allowance]) -> timedelta | None:
    """Count a try; or, when one of the allowances is used up, count nothing and return how long until it is not."""
    wait: timedelta | None = await door.fetchval(
        "SELECT app.count_try($1, $2, $3, $4)",
        try_id,
        [allowance.key for allowance in allowances],
        [allowance.amount for allowance in allowances],
        [allowance.window for allowance in allowances],
    )
    return wait


async def forgive_try(door: Writer, try_id: UUID) -> None:
    """Take a try back: it was right."""
    await door.execute("SELECT app.forgive_try($1)", try_id)
