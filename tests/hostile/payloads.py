"""Hostile payloads: values as Temporal holds them, bytes with metadata that may lie about them."""

import gzip
import json
import zlib
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

import zstandard
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from tests.hostile.texts import BROKEN, FLAG, TEXTS

_MEGABYTE = 1024 * 1024


def payload(data: bytes, encoding: bytes = b"json/plain", **metadata: bytes) -> Payload:
    return Payload(metadata={"encoding": encoding, **metadata}, data=data)


def text_payload(text: str) -> Payload:
    return payload(json.dumps(text).encode())


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _zip_of(data: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("../../bomb", data)
    return file.getvalue()


_BOMB = b"\0" * (50 * _MEGABYTE)

_NUMBERS: dict[str, bytes] = {
    "2^53 + 1": b"9007199254740993",
    "2^64": b"18446744073709551616",
    "-2^63 - 1": b"-9223372036854775809",
    "1e400": b"1e400",
    "-1e400": b"-1e400",
    "1e-400": b"1e-400",
    "1e130000": b"1e130000",
    "1e999999999": b"1e999999999",
    "5,000 digits": b"7" * 5000,
    "5,000 decimals": b"0." + b"3" * 5000,
    "-0": b"-0",
    "-0.0": b"-0.0",
    "1.10": b"1.10",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "leading zero": b"007",
    "hexadecimal": b"0x1F",
    "many numbers": b"[" + b",".join([b"9007199254740993"] * 1000) + b"]",
}
_SHAPES: dict[str, bytes] = {
    **{f"{depth:,} lists deep": b"[" * depth + b"]" * depth for depth in (10, 100, 101, 1000, 10_000, 100_000)},
    **{f"{depth:,} objects deep": b'{"a":' * depth + b"1" + b"}" * depth for depth in (100, 1000, 10_000, 100_000)},
    "never closed": b"[" * 10_000,
    "closed too often": b"[]" + b"]" * 100,
    "same key twice": b'{"a": 1, "a": 2}',
    "same key twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "order of keys": b'{"10": 1, "9": 2, "b": 3, "a": 4}',
    "prototype": b'{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    "empty key": b'{"": {"": [""]}}',
    "10,000 keys": json.dumps({f"key {n}": n for n in range(10_000)}).encode(),
    "key of 100,000": json.dumps({"k" * 100_000: 1}).encode(),
    "100,000 zeros": b"[" + b",".join([b"0"] * 100_000) + b"]",
    "escaped slashes": rb'"<\/script><script>window.__x=1<\/script>"',
    "comments": b"/* x */ {a: 1,} // y",
    "single quotes": b"{'a': 'b'}",
    "trailing comma": b"[1,2,]",
    "two values": b"1 2",
    "a value and rubbish": b'{"a":1}<script>window.__x=1</script>',
    "cut off": b'{"a": [1, 2',
    "blanks": b" \t\r\n ",
    "blanks around": b"\r\n\t 1 \n",
    "byte order mark": b"\xef\xbb\xbf1",
    "UTF-16": "\ufeff{}".encode("utf-16-le"),
    "UTF-32": b"{\0\0\0}\0\0\0",
    "bare NUL": b'"a\x00b"',
    "escaped NUL": rb'"a\u0000b"',
    "NUL in a key": rb'{"\u0000": 1}',
    "bare control characters": b'"\x01\x1b[31m\x07"',
    "bare line break": b'"a\nb"',
    "bad escape": rb'"\x41\q"',
    "cut escape": rb'"\u00',
    "lone surrogate, escaped": rb'"\ud800"',
    "surrogates the wrong way round": rb'"\udc00\ud800"',
    "lone surrogate in a key": rb'{"\udfff": 1}',
}
_BYTES: dict[str, bytes] = {
    "not UTF-8": b"\xff\xfe\x00",
    "not UTF-8 in a text": b'"a\xffb"',
    "overlong slash": b'"\xc0\xaf"',
    "overlong NUL": b'"\xc0\x80"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "pair in CESU-8": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "five bytes": b'"\xf8\x88\x80\x80\x80"',
    "cut character": b'"\xf0\x9f\x98',
    "Latin 1": "\u00e9\u00fc".encode("latin-1"),
    "Shift JIS": "日本語".encode("shift-jis"),
    "every byte": bytes(range(256)),
    "empty": b"",
    "one NUL": b"\0",
}
_LARGE: dict[str, bytes] = {
    "2 MB of text": b'"' + b"x" * 1_900_000 + b'"',
    "2 MB of scripts": json.dumps(f"<img src=x onerror={FLAG}>" * 40_000).encode()[:1_900_000],
    "2 MB on one line": b"[" + b",".join([b'{"a":1}'] * 230_000) + b"]",
    "2 MB of escapes": b'"' + rb"\u0000" * 310_000 + b'"',
}

PAYLOADS: Final[dict[str, Payload]] = {
    **{name: payload(data) for name, data in (_NUMBERS | _SHAPES | _BYTES).items()},
    **{f"plain: {name}": payload(data, b"binary/plain") for name, data in _BYTES.items()},
    "gzip bomb": payload(gzip.compress(_BOMB), b"binary/gzip"),
    "zlib bomb": payload(zlib.compress(_BOMB, 9), b"binary/zlib"),
    "zstd bomb": payload(zstandard.compress(_BOMB, 19), b"binary/zstd"),
    "zip bomb": payload(_zip_of(_BOMB), b"application/zip"),
    "gzip in gzip": payload(gzip.compress(gzip.compress(_BOMB)), b"binary/gzip"),
    "gzip, cut off": payload(gzip.compress(b"x" * 1000)[:20], b"binary/gzip"),
    "gzip as JSON": payload(gzip.compress(b"{}"), b"json/plain"),
    "no metadata": Payload(data=b'"x"'),
    "no metadata, no data": Payload(),
    "metadata without an encoding": Payload(metadata={"type": b"x"}, data=b"1"),
    "empty encoding": payload(b"1", b""),
    "encoding with blanks": payload(b'"x"', b" json/plain "),
    "encoding in capitals": payload(b'"x"', b"JSON/PLAIN"),
    "encoding of bytes": payload(b"1", b"\xff\xfe\x00"),
    "encoding with a script": payload(b"1", f"<img src=x onerror={FLAG}>".encode()),
    "encoding with NUL": payload(b"1", b"json/plain\x00"),
    "encoding of 10,000": payload(b"1", b"x" * 10_000),
    "encoding nobody knows": payload(b"1", b"json/klingon"),
    "encoding of ANSI": payload(b"1", b"\x1b[31mred"),
    "null that is none": payload(b'"not null"', b"binary/null"),
    "null": payload(b"", b"binary/null"),
    "JSON that is none": payload(b"\x00\x01\x02"),
    "plain that is a picture": payload(b"\x89PNG\r\n\x1a\n" + bytes(100), b"binary/plain"),
    "protobuf": payload(
        Failure(message="x").SerializeToString(), b"binary/protobuf", messageType=b"temporal.api.failure.v1.Failure"
    ),
    "protobuf that is none": payload(b"\xff" * 50, b"binary/protobuf", messageType=b"x"),
    "protobuf as JSON": payload(b'{"a": 1}', b"json/protobuf", messageType=f"<script>{FLAG}</script>".encode()),
    "encrypted": payload(bytes(range(256)) * 4, b"binary/encrypted", **{"encryption-key-id": b"key-1"}),
    "encrypted, empty": payload(b"", b"binary/encrypted"),
    "said to be decoded": payload(b"1", b"json/plain", **{"watchglass-decoded-from": b"forged"}),
    "1,000 metadata": Payload(metadata={f"m{n}": b"x" * 100 for n in range(1000)} | {"encoding": b"json/plain"}),
    "metadata with a script": Payload(
        metadata={f"<img src=x onerror={FLAG}>": b"x", "encoding": b"json/plain"}, data=b"1"
    ),
    "prototype in the metadata": Payload(metadata={"__proto__": b"x", "encoding": b"json/plain"}, data=b"1"),
    "type that lies": payload(b'"not a number"', type=b"Int"),
    **{
        f"plain: {name}": payload(text.encode("utf-8", "surrogatepass"), b"binary/plain")
        for name, text in BROKEN.items()
    },
}
"""Small ones. The length of each fits beside thirty others in one run."""
LARGE: Final[dict[str, Payload]] = {name: payload(data) for name, data in _LARGE.items()}
"""About as much as Temporal takes as one value."""


def size_of_corpus() -> int:
    """Different hostile values; a text that is also written as a JSON value counts once."""
    return len(TEXTS) + len(BROKEN) + len(PAYLOADS) + len(LARGE)
