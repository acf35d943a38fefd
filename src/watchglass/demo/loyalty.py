"""A customer's loyalty account: a run that is never meant to end."""

from dataclasses import dataclass, replace

from temporalio import workflow

BOOKINGS_PER_RUN = 40
"""A run is carried on after this many, so that no history grows without end."""


@dataclass(frozen=True, slots=True)
class Points:
    order: str
    points: int


@dataclass(frozen=True, slots=True)
class Account:
    customer: str
    points: int = 0
    bookings: int = 0


@workflow.defn
class LoyaltyAccount:
    """Adds up the points that orders send."""

    def __init__(self) -> None:
        self._received: list[Points] = []
        self._account = Account(customer="")

    @workflow.run
    async def run(self, account: Account) -> None:
        self._account = account
        bookings = 0
        while bookings < BOOKINGS_PER_RUN:
            await workflow.wait_condition(lambda: bool(self._received))
            self._book(self._received.pop(0))
            bookings += 1
        while self._received:
            self._book(self._received.pop(0))
        workflow.continue_as_new(self._account)

    @workflow.signal
    def add_points(self, points: Points) -> None:
        self._received.append(points)

    @workflow.query
    def balance(self) -> int:
        return self._account.points

    def _book(self, points: Points) -> None:
        now = self._account
        self._account = replace(now, points=now.points + points.points, bookings=now.bookings + 1)
        workflow.set_current_details(f"{self._account.points} points from {self._account.bookings} orders")
