"""One measured figure beside its bar, as a line of a table."""

from dataclasses import dataclass

HEAD = "| bar | what | measured | bar is | reached | from |\n|---|---|---|---|---|---|"


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

    def line(self) -> str:
        """Of a Markdown table that begins with `HEAD`."""
        reached = {True: "yes", False: "**no**", None: ""}[self.is_reached]
        measured = f"{_number(self.value)} {self.unit}".strip()
        return f"| *{self.bar}* | {self.what} | {measured} | {_bar(self)} | {reached} | {self.note} |"


def _bar(figure: Figure) -> str:
    if figure.most is not None:
        return f"≤ {_number(figure.most)}"
    return "" if figure.least is None else f"≥ {_number(figure.least)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"
