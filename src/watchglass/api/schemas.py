"""The JSON Schemas of all inputs and outputs, from which the types for TypeScript and the OpenAPI document are made."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from watchglass.api.trpc.router import Procedure
from watchglass.model.drawn import Drawn

Schema = Mapping[str, Any]
DEFINITIONS = "#/$defs/{model}"
_CONTROL_CHARACTERS = r"\x00-\x1f\x7f-\x9f"


class Schemas(GenerateJsonSchema):
    """Outputs are sent whole: a field with a default is there all the same."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """Control characters are spelt out: JSON Schema's regular expressions know no `\\p{Cc}` everywhere."""
        written = super().str_schema(schema)
        if "pattern" in written:
            written["pattern"] = written["pattern"].replace(r"\p{Cc}", _CONTROL_CHARACTERS)
        return written


class SchemasWithOneGraph(Schemas):
    """What people draw is whole in both directions, and there is one type of it."""

    _is_drawn = False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        around, self._is_drawn = self._is_drawn, issubclass(schema["cls"], Drawn)
        try:
            return super().model_schema(schema)
        finally:
            self._is_drawn = around

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self._is_drawn or super().field_is_required(field, total)


def schemas_of(
    procedures: Iterable[Procedure], *, generator: type[Schemas], ref_template: str = DEFINITIONS
) -> tuple[Mapping[tuple[str, str], Schema], Schema]:
    """Schemas by procedure and `input` or `output`, and the document whose `$defs` they refer to.

    `ref_template` says how models are referred to.
    """
    wanted: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = []
    for procedure in procedures:
        if procedure.input is not None:
            wanted.append(((procedure.name, "input"), "validation", procedure.input))
        wanted.append(((procedure.name, "output"), "serialization", procedure.output))
    by_key, document = TypeAdapter.json_schemas(wanted, schema_generator=generator, ref_template=ref_template)
    return {key: schema for (key, _mode), schema in by_key.items()}, document
