"""Search attributes as typed rows, so that each kind of value has an index of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchglass.parse.search_attributes import SearchAttribute, read_search_attributes
from watchglass.store.bulk import Columns, run_rows
from watchglass.store.scope import Writer
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.text import storable

_COLUMNS = Columns(
    (
        ("project_id", "uuid"),
        ("execution_id", "uuid"),
        ("name", "text"),
        ("position", "integer"),
        ("type", "text"),
        ("text_value", "text"),
        ("int_value", "bigint"),
        ("double_value", "double precision"),
        ("bool_value", "boolean"),
        ("time_value", "timestamptz"),
    )
)
_INSERT = f"INSERT INTO execution_search_attributes ({', '.join(_COLUMNS.names)}) {_COLUMNS.values()}"
_INT64 = 2**63


async def save_search_attributes(
    writer: Writer, executions: Sequence[tuple[ExecutionKey, Mapping[str, bytes]]]
) -> None:
    """Store the given attributes (serialised payloads by name) over those of the same names.

    Others stay: a history does not tell the attributes that the server sets by itself, a list does.
    """
    names = [(key.project_id, key.id, storable(name)) for key, fields in executions for name in fields]
    if not names:
        return
    await writer.execute(
        """
        DELETE FROM execution_search_attributes
        WHERE (project_id, execution_id, name) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]))
        """,
        *(list(column) for column in zip(*names, strict=True)),
    )
    await run_rows(writer, _INSERT, _COLUMNS, [row for key, fields in executions for row in _rows(key, fields)])


def _rows(key: ExecutionKey, fields: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    return [
        (key.project_id, key.id, storable(attribute.name), position, attribute.type, *_columns(value))
        for attribute in read_search_attributes(fields)
        for position, value in enumerate(_values(attribute))
    ]


def _values(attribute: SearchAttribute) -> tuple[object, ...]:
    return attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)


def _columns(value: object) -> tuple[Any, ...]:
    """The value in the column of its kind; an integer beyond 64 bits is kept as a floating-point number."""
    match value:
        case bool():
            return None, None, None, value, None
        case int() if -_INT64 <= value < _INT64:
            return None, value, None, None, None
        case int() | float():
            return None, None, float(value), None, None
        case datetime():
            return None, None, None, None, value
        case str():
            return storable(value), None, None, None, None
        case _:
            return None, None, None, None, None
