"""Small values stand in a row whole; of large ones the row has the beginnings."""

from hashlib import sha256

from temporalio.api.common.v1 import Payload as PayloadMessage
from temporalio.api.common.v1 import Payloads

from watchglass.model.component import Values
from watchglass.store.payloads import INLINE_BYTES, beginnings, inline, values_from


def values(*texts: bytes) -> Values:
    messages = [PayloadMessage(metadata={"encoding": b"json/plain"}, data=text) for text in texts]
    return Values(Payloads(payloads=messages).SerializeToString(), sum(map(len, texts)), 5)


def test_exactly_two_kibibytes_of_payload_are_small() -> None:
    small = values(b'"' + b"x" * (INLINE_BYTES - 2) + b'"')
    assert inline(small) == small.data
    assert beginnings(small) is None


def test_one_byte_more_is_large() -> None:
    large = values(b'"' + b"x" * (INLINE_BYTES - 1) + b'"')
    assert inline(large) is None
    assert beginnings(large) is not None


def test_of_large_values_each_argument_keeps_its_size_and_digest() -> None:
    first, second = b'"' + b"a" * 5000 + b'"', b"18446744073709551616"
    large = values(first, second)
    read = values_from(None, large.size, 5, beginnings(large))
    assert read is not None and read.beginnings is not None
    long, short = read.beginnings
    assert (long.size, long.sha256, long.truncated) == (5002, sha256(first).hexdigest(), True)
    assert long.text is not None and first.decode().startswith(long.text) and len(long.text) == INLINE_BYTES // 2
    assert (short.text, short.truncated) == ("18446744073709551616", False)
