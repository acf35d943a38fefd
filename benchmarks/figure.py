"""One measured figure beside its bar, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    bar: str
    """The bar's name: *sync cost*, *details* …"""
    what: str
    value: float
    unit: str = ""
    most: float | None = None
    """The bar, when it is a limit from above."""
    least: float | None = None
    """The bar, when it is a limit from below."""
    note: str = ""
    """What the figure was made from."""

    @property
    def is_reached(self) -> bool | None:
        """None for a figure that has no bar and only explains another."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    head = ["| bar | what | measured | bar is | reached | from |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(_line, figures)])


def _line(figure: Figure) -> str:
    reached = {True: "yes", False: "**no**", None: ""}[figure.is_reached]
    measured = f"{_number(figure.value)} {figure.unit}".strip()
    return f"| *{figure.bar}* | {figure.what} | {measured} | {_bar(figure)} | {reached} | {figure.note} |"


def _bar(figure: Figure) -> str:
    if figure.most is not None:
        return f"≤ {_number(figure.most)}"
    return "" if figure.least is None else f"≥ {_number(figure.least)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"
