"""The corpus is what it says, and what of it can be tried without servers is tried in full."""

import json
import re
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from tests.hostile.payloads import LARGE, PAYLOADS, size_of_corpus
from tests.hostile.texts import BROKEN, FLAG, TEXTS

from watchglass.builder.file import read_file, write_file
from watchglass.model.graph import Graph
from watchglass.parse.payload import read_payload
from watchglass.store.text import storable, storable_id


def test_it_is_as_large_as_promised() -> None:
    assert size_of_corpus() >= 300
    assert len({text.encode() for text in TEXTS.values()}) == len(TEXTS)
    assert sum(name.startswith("script ") and FLAG in text for name, text in TEXTS.items()) >= 40


@pytest.mark.parametrize("text", [*TEXTS.values(), *BROKEN.values()], ids=[*TEXTS.keys(), *BROKEN.keys()])
def test_every_text_becomes_one_that_a_database_holds(text: str) -> None:
    held = storable(text)
    assert "\x00" not in held
    assert held.encode("utf-8").decode("utf-8") == held
    assert held == text or "\ufffd" in held


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_id_keeps_its_own_bytes(text: str) -> None:
    shown, own = storable_id(text)
    assert "\x00" not in shown
    assert text.encode() == (shown.encode() if own is None else own)


@pytest.mark.parametrize("value", [*PAYLOADS.values(), *LARGE.values()], ids=[*PAYLOADS.keys(), *LARGE.keys()])
def test_every_payload_is_shown_or_is_said_to_be_no_text(value: Payload) -> None:
    shown = read_payload(value, limit=None)
    assert shown.size == len(value.data)
    if shown.text is not None:
        assert json.loads(json.dumps(shown.text)) == shown.text
        shown.text.encode("utf-8")
        is_null = value.metadata["encoding"] == b"binary/null"
        assert shown.sanitised or is_null or shown.text.encode() == value.data


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_stands_in_a_file_as_it_stood_on_the_drawing(text: str) -> None:
    set_node = {"id": "a", "kind": "set", "name": text[:200], "notes": text, "values": {text: [text, {text: text}]}}
    graph = Graph.model_validate(
        {"name": "x", "description": text, "nodes": [{"id": "start", "kind": "start"}, set_node]}
    )
    assert read_file(write_file(graph)).graph == graph


_LINES = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"l0: &l0 [x, x]\n{_LINES}", "anchors and aliases"),
        ("a: &a\n  b: *a", "anchors and aliases"),
        ("[" * 100_000, "nested"),
        ("[" * 100_000 + "]" * 100_000, "nested"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested"),
        ("- " * 100_000, "nested"),
        ("a: !!python/object/apply:os.system ['id']", "tag"),
        ("x" * 4_000_001, "characters"),
        ('{"a": 1e400, "a": 2}', "twice"),
        ("a: .inf\nb: 1e400", "no number"),
    ],
)
def test_a_file_that_is_a_bomb_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    file = read_file(text)
    assert file.graph is None
    assert sentence in file.problems[0].message


_UNBOUNDED = re.compile(r"\bdecompress\((?!.*(max_output_size|max_length))|(gzip|zlib|bz2|lzma)\.(decompress|open)\(")


def test_the_product_unpacks_nothing_without_a_bound() -> None:
    """Whoever unpacks says how much may come of it."""
    sources = Path(__file__).parents[2] / "src" / "watchglass"
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources.rglob("*.py")
        for line in path.read_text().splitlines()
        if _UNBOUNDED.search(line)
    ]
    assert found == []
