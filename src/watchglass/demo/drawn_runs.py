"""The runs of drawn workflows that are played once: between them they show how each retry strategy ends."""

from dataclasses import asdict, dataclass

from watchglass.demo.cast import APPROVER, BLUE_DOOR, DE_KLOK, HARBOUR_CAFE, LE_JARDIN, POLAR_INN, VILLA_ROSA, Customer
from watchglass.model.graph import Json
from watchglass.model.journal import Decision

ORDER = "Wholesale order"
PAYMENT = "Collect a payment"
STOCK = "Stock of a marketplace"
LABEL = "Print a label"
NEWSLETTER = "Newsletter"
MORNING = "Morning check"
CUSTOMS = "Customs declaration"
_REGIONS = ["North", "South", "Benelux", "France"]
_FOR_EVER = 1_000_000


@dataclass(frozen=True, slots=True)
class DrawnRun:
    """A run under a fixed workflow id: played once, however often the demo is started."""

    workflow: str
    id: str
    input: Json
    decision: Decision | None = None
    """What is decided about its approval."""
    decided_after_seconds: float = 6


def drawn_runs() -> list[DrawnRun]:
    """Return the runs in the order in which they begin."""
    return [
        _order("W-2001", LE_JARDIN, ("A-310", 2), ("A-808", 1), ("A-501", 3), delivery="express"),
        _order("W-2002", VILLA_ROSA, ("A-415", 4), ("A-310", 6)),
        _order("W-2003", HARBOUR_CAFE, ("A-415", 3), ("A-322", 8), agreed=True),
        _order("W-2004", DE_KLOK, ("A-415", 12), agreed=False),
        _order("W-2005", POLAR_INN, ("A-310", 1)),
        _order("W-2006", BLUE_DOOR, ("A-733", 2), bank="declines"),
        DrawnRun(STOCK, "stock-greenmarket", {"marketplace": "Greenmarket", "awayForAttempts": 3}),
        DrawnRun(STOCK, "stock-cupandco", {"marketplace": "Cup & Co", "awayForAttempts": _FOR_EVER}),
        DrawnRun(PAYMENT, "card-3001", {"customer": HARBOUR_CAFE.name, "amount": 128.4, "bank": "away"}),
        DrawnRun(
            PAYMENT,
            "card-3002",
            {"customer": DE_KLOK.name, "amount": 412.6, "bank": "away", "awayForAttempts": _FOR_EVER},
        ),
        DrawnRun(PAYMENT, "card-3003", {"customer": VILLA_ROSA.name, "amount": 9800, "bank": "declines"}),
        DrawnRun(LABEL, "label-4001", {"parcel": "PX10001SE", "jamsForAttempts": 2}),
        DrawnRun(LABEL, "label-4002", {"parcel": "PX10002IT", "jamsForAttempts": _FOR_EVER}),
        DrawnRun(NEWSLETTER, "newsletter-spring", {"subject": "Spring roast", "regions": _REGIONS}),
        DrawnRun(
            NEWSLETTER,
            "newsletter-summer",
            {"subject": "Cold brew", "regions": _REGIONS, "closedRegion": "Benelux"},
        ),
        DrawnRun(MORNING, "morning-check-monday", {"scaleFailsHowOften": 0}),
        DrawnRun(MORNING, "morning-check-tuesday", {"scaleFailsHowOften": 1}),
        DrawnRun(CUSTOMS, "customs-W-2005", {"shipment": "W-2005 to Longyearbyen"}),
    ]


def _order(
    number: str,
    customer: Customer,
    *lines: tuple[str, int],
    agreed: bool | None = None,
    delivery: str = "standard",
    bank: str = "answers",
) -> DrawnRun:
    """`agreed`: what the sales manager decides; None: she has not decided yet."""
    given = {
        "number": number,
        "customer": customer.name,
        "delivery": delivery,
        "bank": bank,
        "address": asdict(customer.address),
        "lines": [{"article": article, "quantity": quantity} for article, quantity in lines],
    }
    return DrawnRun(ORDER, f"wholesale-{number}", given, None if agreed is None else _decision(agreed=agreed))


def _decision(*, agreed: bool) -> Decision:
    values = {"discountPercent": 5, "comment": "A good customer"} if agreed else {}
    return Decision(node="approve", approved=agreed, values=values, by=APPROVER)
