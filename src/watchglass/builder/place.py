"""One node in one scope, and what it can ask for while it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from temporalio import workflow

from watchglass.builder.decisions import Decisions
from watchglass.builder.expression import Budget, ExpressionFailed, evaluate, evaluate_value
from watchglass.builder.failures import expression_failed
from watchglass.builder.frame import Frame
from watchglass.builder.group import Group
from watchglass.builder.journal import Journal
from watchglass.builder.pace import Pace
from watchglass.builder.plan import Plan
from watchglass.builder.state import NodeState
from watchglass.model.graph import Expression, Json, Node

SHORTEST_TIMER_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Run:
    """What all nodes of a run share."""

    plan: Plan
    decisions: Decisions
    journal: Journal = field(default_factory=Journal)
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Place:
    run: Run
    frame: Frame
    node: Node
    group: Group
    """The tasks of the scope."""

    @property
    def id(self) -> str:
        return self.frame.id_of(self.node)

    @property
    def state(self) -> NodeState:
        return self.frame.known(self.node)

    def value(self, value: Json, field: str) -> Json:
        """A value of the node with its expressions evaluated. Raises ApplicationError ExpressionFailed."""
        return self._evaluated(lambda budget: evaluate_value(value, self.frame.names, budget), field)

    def expression(self, text: Expression, field: str) -> Json:
        """What an expression gives. Raises ApplicationError ExpressionFailed."""
        return self._evaluated(lambda budget: evaluate(text, self.frame.names, budget), field)

    def started(self, **more: object) -> None:
        self.run.journal.note(self.node.id, self.frame.iteration, "started", **more)

    async def sleep_until(self, moment: float) -> None:
        """`moment` is in seconds since 1970; the timer's summary says whose it is."""
        left = moment - workflow.time()
        # A timer is of milliseconds; a moment that is written as text and read again is off by less than one.
        if left >= SHORTEST_TIMER_SECONDS:
            await workflow.sleep(left, summary=self.id)

    def _evaluated(self, work: Callable[[Budget], Json], field: str) -> Json:
        budget = Budget()
        try:
            return work(budget)
        except ExpressionFailed as failure:
            raise expression_failed(self.node, field, failure) from failure
        finally:
            self.run.pace.spend(budget.spent)
