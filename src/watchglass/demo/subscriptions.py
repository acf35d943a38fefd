"""Subscription billing: an invoice every month, for as long as the contract lasts."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

MONTHS_PER_RUN = 2
"""A run is carried on after this many months, so that no history grows without end."""
_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    customer_id: str
    customer: str
    plan: str
    monthly_price: float
    months_left: int
    months_billed: int = 0
    month_seconds: int = 12
    """How long a month takes in the demo."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    plan: str
    monthly_price: float


@dataclass(frozen=True, slots=True)
class Ended:
    number: str
    months_billed: int
    reason: str


@activity.defn(name="write_monthly_invoice")
async def write_monthly_invoice(contract: Contract) -> str:
    await asyncio.sleep(0.3)
    return f"{contract.number}-{contract.months_billed + 1:03}: {contract.plan}, {contract.monthly_price:.2f} EUR"


@activity.defn(name="collect_by_direct_debit")
async def collect_by_direct_debit(contract: Contract) -> str:
    await asyncio.sleep(0.6)
    return f"{contract.monthly_price:.2f} EUR collected from {contract.customer}"


@activity.defn(name="send_farewell_letter")
async def send_farewell_letter(contract: Contract) -> str:
    await asyncio.sleep(0.3)
    return f"Thank you for {contract.months_billed} months, {contract.customer}"


@workflow.defn
class Subscription:
    """Bills a contract until it ends, is cancelled by the customer, or the run is cancelled."""

    def __init__(self) -> None:
        self._change: PlanChange | None = None
        self._cancelled_because: str | None = None

    @workflow.run
    async def run(self, contract: Contract) -> Ended:
        billed_here = 0
        while contract.months_left > 0 and self._cancelled_because is None:
            if billed_here == MONTHS_PER_RUN:
                workflow.continue_as_new(self._changed(contract))
            contract = await self._month(self._changed(contract))
            billed_here += 1
        return await self._end(contract)

    @workflow.signal
    def change_plan(self, change: PlanChange) -> None:
        self._change = change

    @workflow.signal
    def cancel_contract(self, reason: str) -> None:
        self._cancelled_because = reason

    async def _month(self, contract: Contract) -> Contract:
        try:
            return await self._bill_month(contract)
        except (asyncio.CancelledError, FailureError) as error:
            if is_cancelled_exception(error):
                await self._farewell(contract)
            raise

    async def _bill_month(self, contract: Contract) -> Contract:
        await workflow.execute_activity(
            write_monthly_invoice, contract, start_to_close_timeout=_STEP, summary="Write the monthly invoice"
        )
        await workflow.execute_activity(
            collect_by_direct_debit,
            contract,
            start_to_close_timeout=_STEP,
            retry_policy=RetryPolicy(maximum_attempts=3),
            summary="Collect by direct debit",
        )
        workflow.set_current_details(f"{contract.months_billed + 1} months billed")
        await workflow.sleep(contract.month_seconds, summary=f"Wait a month ({contract.month_seconds} seconds here)")
        return replace(contract, months_left=contract.months_left - 1, months_billed=contract.months_billed + 1)

    async def _end(self, contract: Contract) -> Ended:
        await self._farewell(contract)
        return Ended(contract.number, contract.months_billed, self._cancelled_because or "contract has ended")

    async def _farewell(self, contract: Contract) -> None:
        await workflow.execute_activity(
            send_farewell_letter, contract, start_to_close_timeout=_STEP, summary="Send a farewell letter"
        )

    def _changed(self, contract: Contract) -> Contract:
        change, self._change = self._change, None
        if change is None:
            return contract
        return replace(contract, plan=change.plan, monthly_price=change.monthly_price)
