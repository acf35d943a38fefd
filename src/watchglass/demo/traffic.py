"""Keeps something going on: first every scene once, then one new run every quarter of a minute."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from watchglass.demo import acts
from watchglass.demo.approvals import Decision, Expense
from watchglass.demo.cast import APPROVER, ARTICLES, CUSTOMERS, EMPLOYEES, POLAR_INN
from watchglass.demo.data_import import ImportJob
from watchglass.demo.payments import POLICIES, Bank
from watchglass.demo.prepare import prepare
from watchglass.demo.scene import Scene, play
from watchglass.demo.scenes import approval, data_import, opening_scenes, order, payment, subscription

_log = structlog.get_logger(__name__)

EVERY_SECONDS = 15
_STAGGER_SECONDS = 0.3
_RETRY_SECONDS = 5.0
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


async def run_traffic(client: Client, group: asyncio.TaskGroup) -> None:
    """Start runs for ever; what belongs to each goes on in `group`."""
    await _until_answered("demo_not_prepared", lambda: prepare(client))
    for scene in opening_scenes():
        group.create_task(_play(client, scene))
        await asyncio.sleep(_STAGGER_SECONDS)
    while True:
        await asyncio.sleep(_seconds_to_next())
        group.create_task(_play(client, everyday_scene(_number())))


def everyday_scene(number: int) -> Scene:
    """Return the scene with that number: always the same, so that no number is ever played twice."""
    chance = random.Random(number)  # noqa: S311
    make = _EVERYDAY[number % len(_EVERYDAY)]
    return make(number, chance)


async def _play(client: Client, scene: Scene) -> None:
    await _until_answered("demo_run_not_started", lambda: play(client, scene))


async def _until_answered(event: str, call: Callable[[], Awaitable[None]]) -> None:
    """Make the call until Temporal answers: it may be restarting, or not know a new search attribute yet."""
    while True:
        try:
            return await call()
        except RPCError as error:
            _log.warning(event, reason=error.message, status=error.status.name)
            await asyncio.sleep(_RETRY_SECONDS)


def _number() -> int:
    """Return the number of the present quarter of a minute; it goes on counting while the demo is off."""
    return int((datetime.now(UTC) - _EPOCH).total_seconds() // EVERY_SECONDS)


def _seconds_to_next() -> float:
    return EVERY_SECONDS - (datetime.now(UTC) - _EPOCH).total_seconds() % EVERY_SECONDS


def _order(number: int, chance: random.Random) -> Scene:
    customer = POLAR_INN if chance.random() < 0.05 else chance.choice(CUSTOMERS)
    paid_after = None if chance.random() < 0.1 else chance.uniform(2, 6)
    return order(str(number), customer, quantity=chance.randint(1, 6), paid_after=paid_after)


def _payment(number: int, chance: random.Random) -> Scene:
    attempts = chance.choice((0, 0, 1, 2, 4))
    bank: Bank = "away" if attempts else "answers"
    strategy = chance.choice(sorted(POLICIES))
    amount = round(chance.uniform(20, 900), 2)
    customer = chance.choice(CUSTOMERS)
    return payment(f"payment-{number}", customer, amount, strategy, bank=bank, away_for_attempts=attempts)


def _import(number: int, chance: random.Random) -> Scene:
    wrong = 142 if chance.random() < 0.2 else None
    return data_import(ImportJob(f"shop-orders-{number}.csv", "Shop export", rows=200, wrong_row=wrong))


def _price_check(number: int, chance: random.Random) -> Scene:
    article = chance.choice(ARTICLES)
    return Scene("PriceCheck", f"price-check-{article.number}-{number}", article, f"Prices of {article.name}")


def _approval(number: int, chance: random.Random) -> Scene:
    decision = Decision(APPROVER, approved=chance.random() < 0.8, comment="as discussed")
    purpose = chance.choice(("Train ticket", "Hotel in Lyon", "Tasting course", "Office chair"))
    amount = round(chance.uniform(40, 800), 2)
    employee = chance.choice(EMPLOYEES)
    expense = Expense(f"E-{number}", employee, purpose, amount, APPROVER, reminder_seconds=20, reminders=3)
    return approval(expense, then=acts.decide(decision, after=chance.uniform(5, 30)))


def _subscription(number: int, chance: random.Random) -> Scene:
    return subscription(f"subscription-{number}", chance.choice(CUSTOMERS), months=4)


_EVERYDAY = (_order, _payment, _order, _price_check, _import, _order, _approval, _payment, _order, _subscription)
