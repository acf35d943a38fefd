"""Somebody's own components: what a test serves with `watchglass worker --app tests.acceptance.gateway`."""

import asyncio

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass import component

FAILURES = 2
"""How often each charge fails before it succeeds."""


class Order(BaseModel):
    order: str


class Charged(BaseModel):
    receipt: str


@component(name="Charge the card", category="Gateway")
async def charge_the_card(order: Order) -> Charged:
    """Is busy at first, then charges."""
    await asyncio.sleep(0.3)
    attempt = activity.info().attempt
    if attempt <= FAILURES:
        raise ApplicationError(f"The gateway is busy (attempt {attempt})", type="GatewayBusy")
    return Charged(receipt=f"receipt of {order.order}")
