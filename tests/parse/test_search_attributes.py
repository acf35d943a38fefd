from datetime import UTC, datetime

import pytest
from temporalio.api.common.v1 import Payload

from watchglass.parse.search_attributes import Scalar, read_search_attributes

CASES = [
    ("Keyword", b'"paid"', "paid"),
    ("Text", b'"a long text"', "a long text"),
    ("Int", b"42", 42),
    ("Int", b"9007199254740993", 9007199254740993),
    ("Double", b"1.5", 1.5),
    ("Double", b"2", 2.0),
    ("Bool", b"true", True),
    ("Datetime", b'"2026-11-22T18:25:11.958381757Z"', datetime(2026, 11, 22, 18, 25, 11, 958381, UTC)),
    ("KeywordList", b'["a","b"]', ("a", "b")),
    ("Keyword", b'["one"]', "one"),
    # What a type does not allow has no value; it never raises.
    ("Int", b"true", None),
    ("Int", b'"7"', None),
    ("Bool", b"1", None),
    ("Datetime", b'"yesterday"', None),
    ("Keyword", b"{", None),
    ("Double", b"1" + b"0" * 400, None),
    ("Keyword", b"[" * 10_000, None),
]


@pytest.mark.parametrize(("kind", "data", "value"), CASES)
def test_value_has_its_type(kind: str, data: bytes, value: Scalar | None) -> None:
    payload = Payload(metadata={"encoding": b"json/plain", "type": kind.encode()}, data=data)
    [attribute] = read_search_attributes({"A": payload.SerializeToString()})
    assert (attribute.name, attribute.type, attribute.value) == ("A", kind, value)
    assert type(attribute.value) is type(value)
