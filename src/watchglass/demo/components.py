"""Components of the mail-order company, written as anybody writes their own; drawn workflows are made of them."""

import asyncio
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass.builder.component import Registered, component, registered_in
from watchglass.demo.cast import ARTICLES
from watchglass.model.catalogue import Component
from watchglass.model.retry_choice import ExponentialBackoff, NoRetries

CATEGORY = "Mail order"
STEPS = "demo-steps"
"""The task queue on which they are served."""
_SOLD_OUT = "A-808"
_WEIGHT_KG = 2.5
"""Of one piece, whatever it is."""
_ARTICLES = {article.number: article for article in ARTICLES}


class Content(BaseModel):
    """What goes in and out: written as JSON usually is."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Line(Content):
    article: str
    quantity: Annotated[int, Field(ge=1)]


class Basket(Content):
    lines: list[Line]


class PricedLine(Line):
    name: str
    amount: float
    """Euros."""


class Priced(Content):
    lines: list[PricedLine]
    total: float
    """Euros."""
    weight_kg: float


@component(type="demo.price_lines", name="Price lines", category=CATEGORY, icon="calculator")
async def price_lines(basket: Basket) -> Priced:
    """Looks up each article and adds the amounts up."""
    await asyncio.sleep(0.3)
    lines = [_priced(line) for line in basket.lines]
    weight = _WEIGHT_KG * sum(line.quantity for line in lines)
    return Priced(lines=lines, total=round(sum(line.amount for line in lines), 2), weight_kg=weight)


def _priced(line: Line) -> PricedLine:
    article = _ARTICLES.get(line.article)
    if article is None:
        raise ApplicationError(f"There is no article {line.article}", type="UnknownArticle", non_retryable=True)
    amount = round(line.quantity * article.our_price, 2)
    return PricedLine(article=line.article, quantity=line.quantity, name=article.name, amount=amount)


class Reserved(Content):
    article: str
    shelf: str


@component(type="demo.reserve_line", name="Reserve a line", category=CATEGORY, icon="package", retry=NoRetries())
async def reserve_line(line: Line) -> Reserved:
    """Puts the goods of one line aside. Paper napkins are sold out."""
    await asyncio.sleep(0.4)
    if line.article == _SOLD_OUT:
        raise ApplicationError(f"{line.article} is sold out", type="SoldOut")
    return Reserved(article=line.article, shelf=f"Shelf {int(line.article[-3:]) % 20 + 1}")


class Consignment(Content):
    carrier: Literal["Post", "Courier"]
    weight_kg: float


class Offer(Content):
    carrier: str
    price: float
    """Euros."""


@component(type="demo.ask_carrier", name="Ask a carrier", category=CATEGORY, icon="truck", retry=ExponentialBackoff())
async def ask_carrier(consignment: Consignment) -> Offer:
    """Asks what a consignment costs. The post takes its time."""
    is_post = consignment.carrier == "Post"
    await asyncio.sleep(2.5 if is_post else 0.5)
    return Offer(carrier=consignment.carrier, price=round(consignment.weight_kg * (0.8 if is_post else 1.9), 2))


class Stock(Content):
    marketplace: str
    away_for_attempts: Annotated[int, Field(ge=0)] = 0


class Told(Content):
    marketplace: str
    articles: int


@component(type="demo.push_stock", name="Tell the stock", category=CATEGORY, icon="building-store")
async def push_stock(stock: Stock) -> Told:
    """Tells a marketplace how much is left of each article."""
    await asyncio.sleep(0.2)
    if activity.info().attempt <= stock.away_for_attempts:
        raise ApplicationError(f"{stock.marketplace} is being maintained", type="MarketplaceAway")
    return Told(marketplace=stock.marketplace, articles=len(ARTICLES))


class Charge(Content):
    customer: str
    amount: Annotated[float, Field(gt=0)]
    """Euros."""
    bank: Literal["answers", "away", "declines"] = "answers"
    away_for_attempts: Annotated[int, Field(ge=1)] = 2


class Receipt(Content):
    number: str
    amount: float
    """Euros."""


@component(
    type="demo.charge_card", name="Charge a card", category=CATEGORY, icon="credit-card", retry=ExponentialBackoff()
)
async def charge_card(charge: Charge) -> Receipt:
    """Asks the bank for the money."""
    await asyncio.sleep(0.4)
    if charge.bank == "declines":
        raise ApplicationError(f"The bank declines the card of {charge.customer}", type="CardDeclined")
    if charge.bank == "away" and activity.info().attempt <= charge.away_for_attempts:
        raise ApplicationError("The bank does not answer", type="BankAway")
    return Receipt(number=f"R-{round(100 * charge.amount)}", amount=charge.amount)


class Label(Content):
    parcel: str
    jams_for_attempts: Annotated[int, Field(ge=0)] = 0


class Printed(Content):
    parcel: str
    attempt: int


@component(type="demo.print_label", name="Print a label", category=CATEGORY, icon="printer")
async def print_label(label: Label) -> Printed:
    """Prints a parcel's label."""
    await asyncio.sleep(0.3)
    attempt = activity.info().attempt
    if attempt <= label.jams_for_attempts:
        raise ApplicationError("Paper is jammed in tray 2", type="PrinterJammed")
    return Printed(parcel=label.parcel, attempt=attempt)


class Mailing(Content):
    region: str
    subject: str
    refused: bool = False
    """The region's mail server does not take it."""


class Mailed(Content):
    region: str
    mails: int


@component(type="demo.send_mails", name="Send mails", category=CATEGORY, icon="mail", retry=NoRetries())
async def send_mails(mailing: Mailing) -> Mailed:
    """Sends a mail to everybody in a region."""
    await asyncio.sleep(0.5)
    if mailing.refused:
        raise ApplicationError(f"The mail server for {mailing.region} refuses to talk to us", type="MailRefused")
    return Mailed(region=mailing.region, mails=100 + 7 * len(mailing.region))


def served() -> list[Registered]:
    """As the demo's worker serves them."""
    return registered_in(globals().values())


def announced() -> list[Component]:
    """As the catalogue is told of them."""
    return [each.component.model_copy(update={"task_queue": STEPS}) for each in served()]
