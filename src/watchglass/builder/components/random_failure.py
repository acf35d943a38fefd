"""Fails as often as it is told to, to try retry policies out."""

import asyncio
import random
from typing import Annotated

from pydantic import Field
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass.builder.component import component
from watchglass.model.drawn import Drawn

Share = Annotated[float, Field(ge=0, le=1)]


class Chance(Drawn):
    probability: Share = 0.5
    """How often an attempt fails: 0 never, 1 always."""
    error_type: Annotated[str, Field(min_length=1, max_length=200)] = "RandomFailure"
    """Type of its error, to be listed as not retryable or not."""
    non_retryable_share: Share = 0
    """How many of the failures say that trying again is of no use."""
    seconds: Annotated[float, Field(ge=0, le=3600)] = 0
    """How long an attempt takes."""


class Survived(Drawn):
    attempt: int
    """The one that did not fail."""


@component(type="watchglass.random_failure", name="Random failure", category="Try out", icon="dice")
async def random_failure(chance: Chance) -> Survived:
    """Takes some seconds, then fails or not, by chance: each attempt anew."""
    await asyncio.sleep(chance.seconds)
    attempt = activity.info().attempt
    if random.random() < chance.probability:  # noqa: S311 - no secret
        raise ApplicationError(
            f"Attempt {attempt} failed by chance",
            type=chance.error_type,
            non_retryable=random.random() < chance.non_retryable_share,  # noqa: S311 - no secret
        )
    return Survived(attempt=attempt)
