"""What a run knows: enough to carry on where it is, in this Temporal run or in the next one of its chain."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from watchglass.model.graph import Json, NodeId
from watchglass.model.journal import Decision


class _State(BaseModel):
    """Changed in place while the run goes on; written as camelCase JSON without what says nothing."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, extra="forbid")


class NodeEnd(_State):
    port: str | None = None
    """None: passed over."""
    output: Json = None
    error: dict[str, str] | None = None
    """`{type, message}` of one that failed and has somewhere to go."""


class LoopState(_State):
    """How far a for-each node is."""

    results: list[Json] = Field(default_factory=list)
    """Of the items that were begun, in their order; null while they run."""
    open: dict[int, "ScopeState"] = Field(default_factory=dict)
    """The items that run, or have to go on."""


class NodeState(_State):
    """What has to be known of a node that has begun, to go on with it."""

    until: str | None = None
    """ISO 8601: when a wait, or the patience of an approval, is over."""
    loop: LoopState | None = None


class ScopeState(_State):
    ends: dict[NodeId, NodeEnd] = Field(default_factory=dict)
    begun: dict[NodeId, NodeState] = Field(default_factory=dict)
    """Those that go on where they are. Others that were begun begin again."""


class Carried(_State):
    """What the next run of a chain is given."""

    outermost: ScopeState = Field(default_factory=ScopeState)
    decisions: list[Decision] = Field(default_factory=list)
    """Those that came before their node was reached."""

    def to_json(self) -> Any:
        return self.model_dump(mode="json", exclude_defaults=True)
