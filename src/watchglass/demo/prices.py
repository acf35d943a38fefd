"""Price check: a few quick look-ups, run as local steps inside the worker."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

_QUICK = timedelta(seconds=5)
_SHOPS = ("Nordmarkt", "Preisfuchs", "La Bonne Affaire")
_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=3)


@dataclass(frozen=True, slots=True)
class Article:
    number: str
    name: str
    our_price: float


@dataclass(frozen=True, slots=True)
class Ask:
    shop: str
    article: Article


@dataclass(frozen=True, slots=True)
class Advice:
    article: str
    our_price: float
    cheapest_shop: str
    cheapest_price: float
    advice: str


@activity.defn(name="ask_price")
async def ask_price(ask: Ask) -> float:
    """Return the shop's price in euros; Preisfuchs answers at the second attempt only."""
    await asyncio.sleep(0.1)
    if ask.shop == "Preisfuchs" and activity.info().attempt == 1:
        raise ApplicationError("Preisfuchs: too many questions, ask again later", type="TooManyRequests")
    factor = random.Random(ask.shop + ask.article.number).uniform(0.9, 1.2)  # noqa: S311
    return round(ask.article.our_price * factor, 2)


@workflow.defn
class PriceCheck:
    """Compares our price of an article with three other shops."""

    @workflow.run
    async def run(self, article: Article) -> Advice:
        prices = {shop: await self._ask(shop, article) for shop in _SHOPS}
        shop = min(prices, key=lambda name: (prices[name], name))
        advice = "lower our price" if prices[shop] < article.our_price else "keep our price"
        return Advice(article.name, article.our_price, shop, prices[shop], advice)

    async def _ask(self, shop: str, article: Article) -> float:
        return await workflow.execute_local_activity(
            ask_price,
            Ask(shop, article),
            start_to_close_timeout=_QUICK,
            retry_policy=_RETRIES,
            summary=f"Ask {shop}",
        )
