"""Somebody's components: what the storm's built workflows are made of (`watchglass worker --app tests.chaos.app`)."""

import asyncio

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass import component

FAILURES = 2


class Words(BaseModel):
    text: str


@component(category="Chaos")
async def stamp(given: Words) -> Words:
    """Takes a moment, so that a kill may fall into it."""
    await asyncio.sleep(0.2)
    return Words(text=f"stamped {given.text}")


@component(category="Chaos")
async def stumble(given: Words) -> Words:
    """Fails at first."""
    if activity.info().attempt <= FAILURES:
        raise ApplicationError(f"stumbled over {given.text}", type="Stumbled")
    return Words(text=f"up again with {given.text}")
