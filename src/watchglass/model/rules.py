"""Rules that tie runs of somebody else's interpreter to a graph: which runs are its own, and which unit is which node.

A pattern is compared as a whole and letter for letter; `*` stands for any characters and `?` for one.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from watchglass.model.drawn import Drawn
from watchglass.model.graph import MAXIMUM_NODES, NodeId

Pattern = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RunRule(Drawn):
    """Holds for a run of which everything that is given here is true."""

    workflow_type: Pattern | None = None
    workflow_id: Pattern | None = None
    search_attributes: dict[Name, Pattern] = Field(default_factory=dict, max_length=20)
    """By name. A value that is no text is compared as its JSON; of a list one value is enough."""
    memo: dict[Name, Pattern] = Field(default_factory=dict, max_length=20)
    """By key."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.workflow_type is None and self.workflow_id is None and not self.search_attributes and not self.memo:
            raise ValueError("A rule that says nothing would hold for every run. Give it something to compare.")
        return self


class NodeRule(Drawn):
    """Says that a unit is the execution of a node. Of several rules that hold for a unit the first decides."""

    node: NodeId
    by: Literal["activity_id", "activity_type", "summary", "child_type", "child_id", "timer"]
    """What of the unit is compared; `timer`: a timer's id or summary."""
    matches: Pattern
    occurrence: Annotated[int, Field(ge=1)] | None = None
    """Only the n-th unit of the run for which the rule holds; None: every one."""


MOST_PATTERNS = 200
"""Rules for nodes with `*` or `?`: each is compared with every unit of a run, while plain texts are looked up."""


class Rules(Drawn):
    runs: Annotated[tuple[RunRule, ...], Field(min_length=1, max_length=20)]
    """One that holds is enough."""
    nodes: Annotated[tuple[NodeRule, ...], Field(max_length=4 * MAXIMUM_NODES)] = ()
    """What no rule speaks of is no node of the drawing."""

    @model_validator(mode="after")
    def _has_few_patterns(self) -> Self:
        count = sum(is_pattern(rule.matches) for rule in self.nodes)
        if count > MOST_PATTERNS:
            raise ValueError(
                f"{count} rules for nodes have * or ? in them, and at most {MOST_PATTERNS} may. "
                "Name whole texts instead."
            )
        return self


def is_pattern(text: str) -> bool:
    return "*" in text or "?" in text
