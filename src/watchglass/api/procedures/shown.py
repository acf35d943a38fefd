"""Values of runs leave through here: hidden from who may not see them, written down for who may."""

from typing import TypeVar

from pydantic import BaseModel

from watchglass.api.context import Context
from watchglass.api.render.hidden import without_values
from watchglass.store.summaries import Row

ModelT = TypeVar("ModelT", bound=BaseModel)


async def shown(context: Context, run: Row, answer: ModelT, *, sees: bool) -> ModelT:
    """The answer about a run as this person may have it. `sees`: as `sees_payloads` says."""
    if not sees:
        return without_values(answer)
    await context.seen.note(context.store, context.principal, run)
    return answer
