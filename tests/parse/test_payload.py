import hashlib
import json

import pytest
from temporalio.api.common.v1 import Payload as PayloadMessage
from temporalio.api.common.v1 import Payloads

from watchglass.model.payload import Payload
from watchglass.parse.payload import read_payloads


def payloads(*items: tuple[str, bytes]) -> bytes:
    made = [PayloadMessage(metadata={"encoding": encoding.encode()}, data=data) for encoding, data in items]
    return Payloads(payloads=made).SerializeToString()


def read(encoding: str, data: bytes, limit: int | None = None) -> Payload:
    [payload] = read_payloads(payloads((encoding, data)), limit=limit)
    assert payload.size == len(data)
    assert payload.sha256 == hashlib.sha256(data).hexdigest()
    return payload


LOSSLESS = [
    "1.10",
    "1e400",
    str(2**64),
    "9" * 5000,
    "NaN",
    '{"a": 1, "a": 2}',
    '"\\u0000"',
    '"\\ud800"',
    '{"__proto__": {"x": 1}}',
    "<script>alert(1)</script>",
    "[" * 10_000 + "]" * 10_000,
    '"é🙂"',
    "",
]


class TestText:
    @pytest.mark.parametrize("text", LOSSLESS, ids=lambda text: text[:20])
    def test_is_the_original_text(self, text: str) -> None:
        payload = read("json/plain", text.encode())
        assert (payload.text, payload.truncated, payload.sanitised) == (text, False, False)

    def test_of_four_megabytes_is_whole(self) -> None:
        text = json.dumps("x" * 4_194_304)
        assert read("json/plain", text.encode()).text == text

    @pytest.mark.parametrize("encoding", ["json/plain", "json/protobuf", "binary/plain"])
    def test_is_shown_for_text_encodings(self, encoding: str) -> None:
        assert read(encoding, b"{}").text == "{}"

    def test_of_null_is_null(self) -> None:
        assert read("binary/null", b"").text == "null"

    @pytest.mark.parametrize("encoding", ["binary/protobuf", "binary/encrypted", "binary/zlib", "own", ""])
    def test_is_not_guessed_for_others(self, encoding: str) -> None:
        assert read(encoding, b'"secret"').text is None

    def test_of_plain_bytes_that_are_no_text_is_not_shown(self) -> None:
        assert read("binary/plain", b"\x00\xff\x10").text is None

    def test_keeps_the_order_of_arguments(self) -> None:
        data = payloads(("json/plain", b"1"), ("binary/null", b""), ("json/plain", b"3"))
        assert [payload.text for payload in read_payloads(data, limit=None)] == ["1", "null", "3"]


class TestWhatCannotBeCarried:
    @pytest.mark.parametrize("data", [b'"a\x00b"', b'"a\xed\xa0\x80b"'], ids=["NUL", "lone surrogate"])
    def test_is_replaced_and_said(self, data: bytes) -> None:
        payload = read("json/plain", data)
        assert (payload.text, payload.sanitised) == ('"a\ufffdb"', True)

    def test_of_broken_utf8_is_replaced_and_said(self) -> None:
        payload = read("json/plain", b'"\xff"')
        assert (payload.text, payload.sanitised) == ('"\ufffd"', True)


class TestLimit:
    @pytest.mark.parametrize(
        ("limit", "text"),
        # "aé🙂" is 1 + 2 + 4 bytes: a limit inside a character drops that character.
        [(1, "a"), (2, "a"), (3, "aé"), (4, "aé"), (6, "aé"), (7, "aé🙂")],
    )
    def test_falls_between_characters(self, limit: int, text: str) -> None:
        payload = read("json/plain", "aé🙂".encode(), limit)
        assert (payload.text, payload.truncated, payload.sanitised) == (text, limit < 7, False)
