"""The base of what people draw: frozen values whose JSON is written in camelCase and refuses what it does not know."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


def _title(name: str, _: Any) -> str:
    """As people read the field's name in a form."""
    return name.replace("_", " ").capitalize()


class Drawn(BaseModel):
    """Reads `model_validate(json)`, writes `model_dump(mode="json", by_alias=True)`."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        field_title_generator=_title,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )
