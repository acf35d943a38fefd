"""Evaluates an expression that is too much for a workflow."""

from typing import Annotated, Any

from pydantic import Field
from temporalio.exceptions import ApplicationError

from watchglass.builder.component import component
from watchglass.builder.expression import Budget, ExpressionFailed, evaluate
from watchglass.model.drawn import Drawn
from watchglass.model.retry_choice import NoRetries

STEPS = 2_000_000


class Transformation(Drawn):
    data: Any = None
    """What the expression calls data."""
    expression: Annotated[str, Field(min_length=1, max_length=10_000)]
    """For instance: data.filter(o, o.total > 100).map(o, o.id)"""


@component(type="watchglass.transform", name="Transform", category="Data", icon="wand", retry=NoRetries())
def transform(given: Transformation) -> Any:
    """Makes new data of data with an expression, a hundred times larger ones than a Set node may evaluate."""
    try:
        return evaluate(given.expression, {"data": given.data}, Budget(STEPS))
    except ExpressionFailed as failure:
        at = f" at character {failure.at[0] + 1}" if failure.at else ""
        raise ApplicationError(
            f"The expression{at}: {failure.message}", type="ExpressionFailed", non_retryable=True
        ) from failure
