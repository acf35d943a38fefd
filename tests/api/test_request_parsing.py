"""Requests of any bytes are read or refused, never a fault. The fuzzer of the same: `python -m tests.fuzz requests`."""

import json
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.request_parsing import parse, seeds

from watchglass.api.procedures import router

_NAMES = st.sampled_from([procedure.name for procedure in router])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
_FLAGS = st.binary(min_size=3, max_size=3)
_SPLIT = b"\x00\xff\x00"


def test_one_of_each_sort() -> None:
    for seed in seeds():
        parse(seed)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    parse(data)


@settings(deadline=None, max_examples=300)
@given(_FLAGS, st.lists(_NAMES | st.text(max_size=10), min_size=1, max_size=25), _VALUES, st.booleans())
def test_any_json_for_any_procedures(flags: bytes, names: list[str], value: object, is_batch: bool) -> None:
    text = json.dumps({str(index): value for index in range(len(names))} if is_batch else value)
    query = ("batch=1&" if is_batch else "") + "input=" + quote(text)
    path = quote(",".join(names), errors="replace")
    parse(flags + _SPLIT.join((path.encode(), query.encode(), text.encode())))


@settings(deadline=None, max_examples=200)
@given(_FLAGS, _NAMES, st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_in_place_of_one_part(flags: bytes, name: str, query: bytes, body: bytes) -> None:
    parse(flags + _SPLIT.join((name.encode(), b"input=" + query, body)))
