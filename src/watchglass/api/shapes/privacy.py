"""What a project wants hidden, and runs that are to be erased."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.model.redaction import LONGEST_RULE, MOST_RULES, NamedPattern

Rule = Annotated[str, Field(min_length=1, max_length=LONGEST_RULE)]
Rules = Annotated[list[Rule], Field(max_length=MOST_RULES)]


class RedactionRulesInput(Input):
    """What is hidden in values before they are stored; empty lists hide nothing."""

    keys: Rules
    """Names of members, memo fields, search attributes and headers, wherever they stand. Case, `-`, `_` and spaces do
    not count; `*` stands for any characters."""
    paths: Rules
    """Places from the top of each value: `customer.address.street`, `items.*.note`."""
    patterns: Annotated[list[NamedPattern], Field(max_length=MOST_RULES)]
    expressions: Rules
    """Regular expressions (RE2)."""


class RedactionRules(Output):
    """What is hidden in values before they are stored."""

    keys: list[str]
    paths: list[str]
    patterns: list[NamedPattern]
    expressions: list[str]


class Privacy(Output):
    """A project's redaction rules."""

    rules: RedactionRules
    revision: int
    """Goes up with every change of the rules; 0: there never were any. `privacy.saveRules` wants it back."""
    may_change: bool
    """The person asking is an owner."""
    earlier_runs: int
    """Runs that were stored before the rules became what they are: `watchglass redact` applies them."""


class RulesSaved(Input):
    """New rules for a project."""

    project_id: UUID
    revision: Annotated[int, Field(ge=0, le=2**63 - 1)]
    """Of the rules that were changed: when somebody else saved others meanwhile, nothing is saved."""
    rules: RedactionRulesInput


class RulesTried(Input):
    """Rules to try out."""

    project_id: UUID
    rules: RedactionRulesInput
    sample: Annotated[str, Field(max_length=65_536)] | None = None
    """A value as JSON text."""


class RefusedRule(Output):
    """A rule that cannot be used."""

    kind: Literal["keys", "paths", "expressions"]
    at: int
    """Its place among the rules of its kind, from 0."""
    message: str


class HiddenInEvent(Output):
    """An event of the last run in which something would be hidden."""

    event_id: int
    type: str
    """Temporal's name of the event's kind."""
    count: int
    """Places that would be hidden."""


class RulesPreview(Output):
    """What rules would hide; nothing is stored."""

    refused: list[RefusedRule]
    """Rules that cannot be used, and would not be saved. What else is here is what the others hide."""
    sample: str | None
    """The sample as it would be stored; null without one."""
    execution_id: str | None
    """The project's newest run that is copied; null: there is none."""
    events: list[HiddenInEvent]
    """Of its first 500 events."""
    unreadable: int
    """Payloads in them that only a codec can read: rules see nothing in those."""


class EraseInput(Input):
    """What is to be erased for good."""

    execution_id: UUID
    what: Literal["run", "workflow_id"]
    """This run alone, or all runs of its workflow id, also those that were never copied."""
    confirmation: Annotated[str, Field(max_length=2000)]
    """The workflow id, typed by whoever asks."""


class ErasureInput(Input):
    """What somebody thinks of erasing."""

    execution_id: UUID
    what: Literal["run", "workflow_id"]
    """This run alone, or all runs of its workflow id."""


class Mention(Output):
    """A run of another workflow id, whose history names what is to be erased."""

    execution_id: str
    temporal_workflow_id: str
    relation: Literal["child", "parent"]
    """It was started by what is to be erased, or started it."""


class Erasure(Output):
    """What erasing would delete, and what it would leave; nothing is deleted."""

    runs: int
    """Stored runs that go."""
    steps: int
    """Their steps."""
    history_bytes: int
    """Of their histories, as Temporal counts them."""
    running: str | None
    """The Temporal run id of one that still runs: nothing is erased before it has ended."""
    same_workflow_id: int
    """Other stored runs of the same workflow id, which stay."""
    mentions: int
    """Runs of other workflow ids that name it, which stay."""
    mentioned_by: list[Mention]
    """The newest 20 of them."""


class Erased(Output):
    """What was erased."""

    runs: int
    mentions: int
    """Runs of other workflow ids that were started by an erased one or started it: their histories name it."""
