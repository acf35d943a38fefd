"""The two kinds of shapes: inputs refuse what they do not know, outputs have every field."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

RecordedAt = Annotated[datetime | None, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time that a server always records. Null only for history files whose events carry no times."""


class Input(BaseModel):
    """What a caller sends: camelCase names, exact JSON types, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
    )


class Output(BaseModel):
    """What a caller gets: no field has a default, so clients see each as required."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=False,
        serialize_by_alias=True,
        frozen=True,
        use_attribute_docstrings=True,
    )


class CursorInput(Input):
    """The part of an input that pages: infinite queries send both fields."""

    cursor: Annotated[str, Field(max_length=500)] | None = None
    """`nextCursor` or `prevCursor` of another page; absent for the first page."""
    direction: Literal["forward", "backward"] | None = None
    """Sent by infinite queries; ignored, because the cursor knows its direction."""


class ProjectIdInput(Input):
    """Names one project."""

    project_id: UUID


class WorkflowIdInput(Input):
    """Names one workflow."""

    workflow_id: UUID


class ExecutionIdInput(Input):
    """Names one execution."""

    execution_id: UUID
