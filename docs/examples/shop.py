"""Components of the shop."""

from typing import Annotated

from pydantic import BaseModel, Field

from watchglass import component


class Order(BaseModel):
    number: Annotated[str, Field(description="As printed on the parcel")]
    amount: Annotated[float, Field(gt=0)]
    """Euros."""


class Receipt(BaseModel):
    number: str
    text: str


@component(name="Write a receipt", category="Shop", icon="receipt")
def write_receipt(order: Order) -> Receipt:
    """Writes what the customer gets."""
    return Receipt(number=f"R-{order.number}", text=f"{order.amount:.2f} EUR, with thanks")
