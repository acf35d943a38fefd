"""Order fulfilment: reserve, wait for the money, ship, book loyalty points."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError, FailureError

from watchglass.demo.loyalty import LoyaltyAccount, Points
from watchglass.demo.shipping import Address, Delivery, Parcel, Shipping

_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Line:
    article: str
    quantity: int
    price: float
    """Of one piece, in euros."""


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    customer_id: str
    customer: str
    lines: list[Line]
    ship_to: Address
    loyalty_account: str | None = None
    """Workflow id of the account that gets the points."""

    @property
    def amount(self) -> float:
        """Euros."""
        return round(sum(line.quantity * line.price for line in self.lines), 2)


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    amount: float
    reference: str


@dataclass(frozen=True, slots=True)
class FulfilledOrder:
    number: str
    amount: float
    delivery: Delivery
    points: int


@activity.defn(name="reserve_goods")
async def reserve_goods(order: Order) -> dict[str, str]:
    await asyncio.sleep(0.5)
    return {line.article: f"{line.quantity} pieces, shelf {index + 1:02}" for index, line in enumerate(order.lines)}


@activity.defn(name="release_goods")
async def release_goods(order: Order) -> int:
    await asyncio.sleep(0.2)
    return sum(line.quantity for line in order.lines)


@activity.defn(name="write_invoice")
async def write_invoice(order: Order) -> str:
    await asyncio.sleep(0.4)
    return f"Invoice I-{order.number} over {order.amount:.2f} EUR for {order.customer}"


@workflow.defn
class OrderFulfilment:
    """One order from the shop to the customer's door."""

    def __init__(self) -> None:
        self._payment: PaymentReceived | None = None

    @workflow.run
    async def run(self, order: Order) -> FulfilledOrder:
        await workflow.execute_activity(reserve_goods, order, start_to_close_timeout=_STEP, summary="Reserve the goods")
        await workflow.execute_activity(write_invoice, order, start_to_close_timeout=_STEP, summary="Write the invoice")
        await self._until_paid(order)
        delivery = await workflow.execute_child_workflow(
            Shipping.run,
            Parcel(order.number, round(0.8 * sum(line.quantity for line in order.lines), 1), order.ship_to),
            id=f"{workflow.info().workflow_id}/shipping",
            static_summary="Ship the goods",
        )
        return FulfilledOrder(order.number, order.amount, delivery, await self._book_points(order))

    @workflow.signal
    def payment_received(self, payment: PaymentReceived) -> None:
        self._payment = payment

    async def _until_paid(self, order: Order) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._payment is not None,
                timeout=timedelta(seconds=9),
                timeout_summary="Wait 3 days for payment (9 seconds here)",
            )
        except TimeoutError as error:
            await workflow.execute_activity(
                release_goods, order, start_to_close_timeout=_STEP, summary="Put the goods back"
            )
            raise ApplicationError(
                f"Order {order.number} over {order.amount:.2f} EUR was not paid in time", type="NotPaid"
            ) from error

    async def _book_points(self, order: Order) -> int:
        """Return how many; an account that is closed gets none, and the order is done all the same."""
        if order.loyalty_account is None:
            return 0
        account = workflow.get_external_workflow_handle_for(LoyaltyAccount.run, order.loyalty_account)
        points = int(order.amount // 10)
        try:
            await account.signal(LoyaltyAccount.add_points, Points(order.number, points))
        except FailureError:
            return 0
        return points
