"""Payment by card through a bank that is not always there, with each kind of retry policy."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

Strategy = Literal["keep_trying", "fail_after_3", "exponential_backoff", "no_retries"]
Bank = Literal["answers", "away", "slow", "declines"]

_STEP = timedelta(seconds=10)
_ANSWER = timedelta(seconds=3)
_SECOND = timedelta(seconds=1)

POLICIES: dict[Strategy, RetryPolicy] = {
    "keep_trying": RetryPolicy(initial_interval=_SECOND, maximum_interval=timedelta(seconds=60)),
    "fail_after_3": RetryPolicy(initial_interval=_SECOND, backoff_coefficient=1, maximum_attempts=3),
    "exponential_backoff": RetryPolicy(
        initial_interval=_SECOND, maximum_interval=timedelta(seconds=100), maximum_attempts=5
    ),
    "no_retries": RetryPolicy(maximum_attempts=1),
}


@dataclass(frozen=True, slots=True)
class CardPayment:
    invoice: str
    customer: str
    amount: float
    """Euros."""
    strategy: Strategy
    bank: Bank = "answers"
    """How the pretended bank behaves."""
    away_for_attempts: int = 0
    """For how many attempts the bank is away; 0 means for ever."""


@dataclass(frozen=True, slots=True)
class Receipt:
    invoice: str
    amount: float
    attempts: int
    text: str


@activity.defn(name="charge_card")
async def charge_card(payment: CardPayment) -> Receipt:
    attempt = activity.info().attempt
    await asyncio.sleep(0.4)
    if payment.bank == "declines":
        raise ApplicationError(
            f"The bank declines {payment.amount:.2f} EUR: limit of the card is used up",
            type="CardDeclined",
            non_retryable=True,
        )
    if payment.bank == "slow":
        await asyncio.sleep(2 * _ANSWER.total_seconds())
    if payment.bank == "away" and (payment.away_for_attempts == 0 or attempt <= payment.away_for_attempts):
        raise _away(attempt)
    return Receipt(payment.invoice, payment.amount, attempt, f"{payment.customer} has paid {payment.amount:.2f} EUR")


@activity.defn(name="book_payment")
async def book_payment(receipt: Receipt) -> str:
    await asyncio.sleep(0.2)
    return f"{receipt.invoice} is settled"


@workflow.defn
class Payment:
    """Charges a card under the chosen policy and books the money."""

    @workflow.run
    async def run(self, payment: CardPayment) -> Receipt:
        receipt = await workflow.execute_activity(
            charge_card,
            payment,
            start_to_close_timeout=_ANSWER,
            retry_policy=POLICIES[payment.strategy],
            summary="Charge the card",
        )
        await workflow.execute_activity(book_payment, receipt, start_to_close_timeout=_STEP, summary="Book the payment")
        return receipt


def _away(attempt: int) -> ApplicationError:
    error = ApplicationError(f"The bank does not answer (attempt {attempt})", type="BankUnavailable")
    error.__cause__ = ConnectionRefusedError("Connection refused by gateway.bank.example, port 443")
    return error
