import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.history.v1 import History
from tests.parse.corpus import sample

from watchglass.model.failure import Failure
from watchglass.parse.export import history_json
from watchglass.parse.file import MAX_BYTES, NotAHistory, read_history
from watchglass.parse.history import parse_history
from watchglass.parse.payload import read_payloads

PLAIN = sample("live-samples-python/hello_exception/hello-exception-workflow-id__f0e0df1370d3.json")
EVENTS = read_history(PLAIN.read())
DOCUMENT: dict[str, Any] = json.loads(PLAIN.read())


def camel(name: str) -> str:
    return "".join(part.title() for part in name.removeprefix("EVENT_TYPE_").split("_"))


class TestDialects:
    @pytest.mark.parametrize(
        "document",
        [
            DOCUMENT,
            DOCUMENT["events"],
            DOCUMENT["events"][::-1],
            {"history": DOCUMENT},
            {"history": DOCUMENT["events"]},
            [item | {"eventId": int(item["eventId"])} for item in DOCUMENT["events"]],
            [item | {"eventType": camel(item["eventType"])} for item in DOCUMENT["events"]],
            [item | {"eventType": number.event_type} for item, number in zip(DOCUMENT["events"], EVENTS, strict=True)],
            [item | {"links": None, "somethingNew": {"a": [1]}} for item in DOCUMENT["events"]],
            MessageToDict(History(events=EVENTS), preserving_proto_field_name=True),
        ],
        ids=[
            "events",
            "list",
            "newest first",
            "page",
            "bare page",
            "number",
            "CamelCase",
            "type number",
            "nulls",
            "snake_case",
        ],
    )
    def test_give_the_same_events(self, document: Any) -> None:
        assert read_history(json.dumps(document).encode()) == EVENTS

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_protobuf_gives_the_same_events(self, pack: Any) -> None:
        assert read_history(pack(History(events=EVENTS).SerializeToString())) == EVENTS

    def test_a_byte_order_mark_is_skipped(self) -> None:
        assert read_history(b"\xef\xbb\xbf" + PLAIN.read()) == EVENTS

    def test_decoded_payloads_keep_their_digits(self) -> None:
        started = json.loads(json.dumps(DOCUMENT["events"][0]))
        started["workflowExecutionStartedEventAttributes"]["input"] = "HERE"
        text = json.dumps([started]).replace('"HERE"', '[{"amount":1.10,"id":18446744073709551616}, null]')
        values = parse_history(read_history(text.encode())).input
        assert values is not None
        first, second = read_payloads(values.data, limit=None)
        assert (first.text, second.text) == ('{"amount":1.10,"id":18446744073709551616}', "null")


class TestExport:
    def test_is_what_the_cli_writes(self) -> None:
        assert history_json(EVENTS) == DOCUMENT

    def test_reads_back_as_it_was(self) -> None:
        assert read_history(json.dumps(history_json(EVENTS)).encode()) == EVENTS


class TestDeepFailures:
    @staticmethod
    def _document(depth: int) -> bytes:
        closing = json.loads(json.dumps(DOCUMENT["events"][-1]))
        closing["workflowExecutionFailedEventAttributes"]["failure"] = "HERE"
        causes = '{"message":"m","cause":' * depth + '{"message":"end"}' + "}" * depth
        return json.dumps([DOCUMENT["events"][0], closing]).replace('"HERE"', causes).encode()

    @pytest.mark.parametrize("depth", [31, 32, 33, 99, 100, 150, 900, 9000])
    def test_are_cut_and_counted(self, depth: int) -> None:
        failure: Failure | None = parse_history(read_history(self._document(depth))).failure
        kept = omitted = -1
        while failure is not None:
            kept, omitted, failure = kept + 1, failure.omitted_causes, failure.cause
        assert (kept + omitted, kept <= 32) == (depth, True)

    def test_can_be_serialised_again(self) -> None:
        events = read_history(self._document(9000))
        assert History.FromString(History(events=events).SerializeToString()).events == events


NOT_ONES = {
    "empty": b"",
    "spaces": b"  \n ",
    "text": b"hello, this is not a history",
    "truncated": PLAIN.read()[:2000],
    "truncated gzip": gzip.compress(PLAIN.read())[:-40],
    "other JSON": b'{"openapi": "3.1.0", "paths": {}}',
    "JSON list": b"[1, 2, 3]",
    "no events": b'{"events": []}',
    "nested list": b"[[[]]]",
    "number": b"42",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "zeros": bytes(1000),
    "NUL JSON": b'{"events": \x00}',
    "no ids": b'[{"eventId": null, "eventType": "TimerFired"}]',
    "huge depth": b'[{"eventId": 1, "x":' + b"[" * 20_000_000,
    "GitHub events": b'{"events": [{"id": 1, "type": "push"}]}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "unclosed deep": b"[" * 100_000,
    "zip bomb": gzip.compress(bytes(MAX_BYTES + 10)),
}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800\x00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value, as its container and its key there."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from leaves(item)


class TestDamagedValues:
    @settings(deadline=None, max_examples=300)
    @given(st.data())
    def test_are_read_around_or_refused(self, data: st.DataObject) -> None:
        document = json.loads(json.dumps(DOCUMENT))
        for _ in range(data.draw(st.integers(1, 3))):
            places = list(leaves(document))
            container, key = data.draw(st.sampled_from(places)) if places else (document, "events")
            container[key] = data.draw(JUNK)
        try:
            events = read_history(json.dumps(document).encode())
        except NotAHistory:
            return
        assert parse_history(events).event_count <= len(EVENTS)


class TestNotAHistory:
    @pytest.mark.parametrize("data", NOT_ONES.values(), ids=NOT_ONES.keys())
    def test_is_refused_in_a_sentence(self, data: bytes) -> None:
        with pytest.raises(NotAHistory) as error:
            read_history(data)
        assert error.value.message[0].isupper()
        assert "\n" not in error.value.message
