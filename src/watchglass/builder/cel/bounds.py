"""What one expression may cost. All bounds count work and sizes, never time, so that a replay decides the same."""

from typing import Final

from watchglass.errors import InvalidInput

MAXIMUM_LENGTH: Final = 10_000
"""Characters of one expression."""
MAXIMUM_SYMBOLS: Final = 2_000
"""Names, values and signs of one expression. Reading 10,000 of them takes a second, half of what Temporal allows a
workflow before it takes it for stuck."""
MAXIMUM_DEPTH: Final = 50
"""Operations inside one another; parentheses alone do not count, nor do the terms of a sum or the cases of a chain."""
MAXIMUM_STEPS: Final = 100_000
"""Steps of all expressions in one value. An operation is a step; so is each item that it looks at.
All of them take about 0.1 s, of the 2 s after which Temporal takes a workflow for stuck."""
MAXIMUM_TEXT: Final = 1_000_000
"""Characters of a text that an expression makes."""
MAXIMUM_ITEMS: Final = 100_000
"""Items of a list that an expression makes."""
MAXIMUM_RESULT: Final = 2_000_000
"""Characters of the JSON that comes out, about what Temporal takes as one payload."""
MAXIMUM_RESULT_DEPTH: Final = 64
"""Lists and objects inside one another in what comes out."""
CHARACTERS_A_STEP: Final = 1_000
"""Reading or copying this many characters is one more step."""
ITEMS_A_COPY_STEP: Final = 100
"""Copying this many references is one more step."""


class ExpressionFailed(InvalidInput):
    """An expression cannot be read or evaluated: the sentence, and where in the expression."""

    def __init__(self, message: str, at: tuple[int, int] | None = None, field: str = "") -> None:
        super().__init__(message)
        self.at = at
        """From and to in the expression, in characters, without the `=`; None: the whole."""
        self.field = field
        """JSON pointer to the expression inside the value that was evaluated."""


class Exhausted(ExpressionFailed):
    """A bound is reached. Unlike other failures it is never passed over by `||`, `&&`, `has` and the like."""


class Missing(ExpressionFailed):
    """A name, a field or an item that is not there."""


class Budget:
    """The steps that are left."""

    def __init__(self, steps: int = MAXIMUM_STEPS) -> None:
        self._granted = steps
        self._left = steps

    @property
    def spent(self) -> int:
        return self._granted - self._left

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Exhausted(
                f"This takes more than {self._granted:,} steps. Look at fewer items at once, "
                "or do it in a component of your own."
            )

    def spend_on_text(self, characters: int) -> None:
        self.spend(characters // CHARACTERS_A_STEP)


def fitting_text(text: str) -> str:
    if len(text) > MAXIMUM_TEXT:
        raise Exhausted(f"This makes a text of more than {MAXIMUM_TEXT:,} characters.")
    return text
