"""Invented customers, articles and colleagues."""

from dataclasses import dataclass

from watchglass.demo.prices import Article
from watchglass.demo.shipping import Address


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    address: Address

    @property
    def loyalty_account(self) -> str:
        """Workflow id of the customer's loyalty account."""
        return f"loyalty-{self.id}"


def _customer(number: str, name: str, street: str, city: str, country: str) -> Customer:
    return Customer(number, name, Address(name, street, city, country))


HARBOUR_CAFE = _customer("C-1041", "Harbour Café", "Quay 7", "Malmö", "SE")
BLUE_DOOR = _customer("C-1077", "Blue Door Bakery", "Mill Lane 12", "Hannover", "DE")
VILLA_ROSA = _customer("C-1102", "Hotel Villa Rosa", "Via Garibaldi 3", "Verona", "IT")
LE_JARDIN = _customer("C-1138", "Restaurant Le Jardin", "Rue de la Paix 21", "Lyon", "FR")
DE_KLOK = _customer("C-1150", "Eetcafé De Klok", "Oudegracht 88", "Utrecht", "NL")
POLAR_INN = _customer("C-1199", "Polar Inn", "Storgata 1", "Longyearbyen", "SJ")
"""No carrier goes there."""

CUSTOMERS = (HARBOUR_CAFE, BLUE_DOOR, VILLA_ROSA, LE_JARDIN, DE_KLOK)

ARTICLES = (
    Article("A-310", "Espresso beans, 5 kg", 89.90),
    Article("A-322", "Oat drink, 12 litres", 26.40),
    Article("A-415", "Coffee grinder", 349.00),
    Article("A-501", "Porcelain cups, box of 24", 64.80),
    Article("A-733", "Milk pitcher", 18.95),
    Article("A-808", "Paper napkins, 2,000 pieces", 41.20),
)

EMPLOYEES = ("Tom Becker", "Amina Diallo", "Carla Rossi", "Erik Svensson")
APPROVER = "Ines Moreau"
