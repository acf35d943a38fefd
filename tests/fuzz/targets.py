"""What is fuzzed. Each target takes bytes and fails on anything but what its part of the product promises."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import atheris
from google.protobuf.message import DecodeError
from rich.console import Console
from temporalio.api.common.v1 import Payload, Payloads
from tests.builder.drawn import CATALOGUE
from tests.hostile.payloads import PAYLOADS
from tests.hostile.texts import TEXTS

with atheris.instrument_imports(include=["watchglass"]):
    from tests.api import request_parsing

    from watchglass.api.render.inspected import inspected
    from watchglass.api.render.payload import render_payload
    from watchglass.builder.cel.bounds import MAXIMUM_RESULT, ExpressionFailed
    from watchglass.builder.expression import check, evaluate, mentions
    from watchglass.builder.file import read_file, write_file
    from watchglass.builder.validate import validate
    from watchglass.cli.run_table import run_report
    from watchglass.errors import InvalidInput
    from watchglass.parse.encoded import is_encoded
    from watchglass.parse.export import history_json
    from watchglass.parse.file import read_history
    from watchglass.parse.history import parse_history
    from watchglass.parse.payload import read_payload, read_payloads
    from watchglass.parse.search_attributes import read_json, read_search_attributes
    from watchglass.store.cursor import read_cursor, write_cursor
    from watchglass.store.text import storable, storable_id
    from watchglass.temporal.errors import QuestionRefused
    from watchglass.temporal.refused_query import refusal_sentence
    from watchglass.temporal.scope import check_scope, join

_HISTORIES = Path(__file__).parents[1] / "fixtures" / "histories" / "files"
_GRAPHS = Path(__file__).parents[2] / "src" / "watchglass" / "demo" / "built"
_SMALL = 20_000
_SCOPE = {"input": {"amount": 2**53 + 1, "text": "a\u202eb", "list": [1, "a", None]}, "nodes": {}, "errors": {}}

_OMITTED = (
    b'{"events":[{"eventId":"1","eventType":"WorkflowExecutionFailed","workflowExecutionFailedEventAttributes":'
    b'{"failure":{"message":"x","cause":{"message":"%s more","applicationFailureInfo":'
    b'{"type":"watchglass.OmittedCauses"}}}}}]}' % (b"9" * 5000)
)


@dataclass(frozen=True)
class Target:
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def _payload(data: bytes) -> None:
    """Any payload is shown: as text that every database and browser carries, with the digest of the whole."""
    message = _payload_of(data)
    for limit in (None, 0, 7):
        shown = read_payload(message, limit=limit)
        assert (shown.size, shown.sha256) == (len(message.data), hashlib.sha256(message.data).hexdigest())
        assert shown.text is None or "\x00" not in shown.text
        render_payload(shown).model_dump_json().encode("utf-8")
        storable(shown.encoding).encode("utf-8")
        is_encoded(shown.encoding)
    whole = read_payload(message, limit=None)
    if whole.text is not None and not whole.sanitised and whole.encoding != "binary/null":
        assert whole.text.encode("utf-8") == message.data, "text that is said to be untouched is the bytes"
    held = message.SerializeToString()
    read_json(held)
    read_search_attributes({"x": held})
    assert len(read_payloads(Payloads(payloads=[message, message]).SerializeToString(), limit=100)) == 2


def _payload_of(data: bytes) -> Payload:
    try:
        return Payload.FromString(data)
    except DecodeError:
        encoding, _, rest = data.partition(b"\n")
        return Payload(metadata={"encoding": encoding, "type": encoding}, data=rest)


def _history(data: bytes) -> None:
    """A file is a history or is refused with a sentence; a history is parsed, printed and exported."""
    try:
        events = read_history(data)
    except InvalidInput as error:
        assert error.message
        return
    execution = parse_history(events)
    json.dumps(inspected(execution, history_bytes=len(data)))
    json.dumps(history_json(events))
    screen = StringIO()
    Console(file=screen, width=100, color_system=None).print(run_report(execution, "a file"))
    assert all(character.isprintable() or character == "\n" for character in screen.getvalue())


def _scope(data: bytes) -> None:
    """A scope that is accepted stays between the brackets that are put around it; a cursor is one or is refused."""
    text = data.decode("utf-8", "replace")
    refusal_sentence(text, text[: len(text) // 2])
    storable_id(text)[0].encode("utf-8")
    with contextlib.suppress(InvalidInput):
        assert read_cursor("x", text, types=(int, str)) is not None
    if storable(text) == text:
        assert read_cursor("x", write_cursor("x", [1, text]), types=(int, str)) == [1, text]
    try:
        check_scope(text)
    except QuestionRefused:
        return
    assert _is_closed(text), f"{text!r} reaches out of {join(text)!r}"


def _is_closed(text: str) -> bool:
    """Another reading than the product's: character by character, quotes as Temporal's parser of queries has them."""
    depth, at = 0, 0
    while at < len(text):
        character = text[at]
        if character in "'\"`":
            at += 1
            while at < len(text):
                if text[at] == "\\" and character != "`":
                    at += 1
                elif text[at] == character:
                    if character == "'" and text[at + 1 : at + 2] == "'":
                        at += 1
                    else:
                        break
                at += 1
            else:
                return False
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
        at += 1
    return depth == 0


def _graph_file(data: bytes) -> None:
    """A file is a graph or is refused with a sentence; a graph comes back from its file as it went."""
    # Bytes that are no UTF-8 become lone surrogates, as JSON can write them.
    text = data.decode("utf-8", "surrogateescape")
    file = read_file(text)
    if file.graph is None:
        assert all(problem.message for problem in file.problems) and file.problems
        for problem in file.problems:
            file.line(problem)
        return
    for problem in validate(file.graph, CATALOGUE):
        assert problem.message
        file.line(problem)
    assert read_file(write_file(file.graph)).graph == file.graph


def _expression(data: bytes) -> None:
    """An expression fails with a sentence and nothing else, and what comes out is JSON within its bounds."""
    text = data.decode("utf-8", "replace")
    problems = check(text)
    assert all(problem.message for problem in problems)
    try:
        mentions(text)
        made = evaluate(text, _SCOPE)
    except ExpressionFailed as failure:
        assert failure.message
        return
    assert len(json.dumps(made, ensure_ascii=False, allow_nan=False)) <= MAXIMUM_RESULT * 2


def _some_histories() -> list[bytes]:
    files = sorted(path for path in _HISTORIES.rglob("*") if path.is_file() and path.stat().st_size < _SMALL)
    return [path.read_bytes() for path in files[:40]] + [b'{"events":[{"eventId":"1"}]}', _OMITTED, b"\x0a\x02\x08\x01"]


def _some_files() -> list[bytes]:
    return [path.read_bytes() for path in sorted(_GRAPHS.glob("*.yaml"))] + _some_texts()


def _some_texts() -> list[bytes]:
    return [text.encode() for text in TEXTS.values()]


TARGETS: Final[dict[str, Target]] = {
    "payload": Target(_payload, lambda: [value.SerializeToString() for value in PAYLOADS.values()]),
    "history": Target(_history, _some_histories),
    "requests": Target(request_parsing.parse, request_parsing.seeds),
    "scope": Target(_scope, lambda: [*_some_texts(), b"WorkflowType = 'a' AND (B = \"c\" OR `d` IN ('e','f'))"]),
    "graph-file": Target(_graph_file, _some_files),
    "expression": Target(
        _expression,
        lambda: [
            *_some_texts(),
            b"input.list.map(x, x == 'a' ? [x] : [])",
            b"size(input.text) + 1 > 2 && has(input.amount)",
            b"{'a': [1, 2.5, \"x\", true, null]}['a'][0]",
            b"input.amount * 9223372036854775807",
        ],
    ),
}
