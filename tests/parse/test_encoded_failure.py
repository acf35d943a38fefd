"""Failures whose message and stack stand in encoded attributes."""

import json

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure

from watchglass.parse.encoded import change_failure, is_encoded
from watchglass.parse.failure import parse_failure

TOLD = json.dumps({"message": "card 4242 declined", "stack_trace": "at capture()"}).encode()


def hidden(data: bytes, encoding: str = "binary/encrypted") -> Failure:
    """A failure as the SDKs' converters with encoded attributes write it."""
    made = Failure(message="Encoded failure")
    made.application_failure_info.type = "CardDeclined"
    made.encoded_attributes.CopyFrom(Payload(metadata={"encoding": encoding.encode()}, data=data))
    return made


def opened(payload: Payload) -> Payload:
    """What a codec would answer: here the data is not encrypted at all."""
    return Payload(metadata={"encoding": b"json/plain"}, data=payload.data)


class TestParse:
    def test_attributes_that_nobody_encrypted_are_read(self) -> None:
        failure = parse_failure(hidden(TOLD, "json/plain"))
        assert (failure.message, failure.stack_trace) == ("card 4242 declined", "at capture()")
        assert not failure.encoded
        assert not failure.decoded

    def test_encrypted_ones_are_kept_as_held(self) -> None:
        failure = parse_failure(hidden(b"\x00\xff"))
        assert failure.encoded
        assert failure.message == "Encoded failure"
        assert failure.attributes is not None
        assert Payload.FromString(failure.attributes).data == b"\x00\xff"

    def test_what_is_no_attributes_stays_encoded(self) -> None:
        for data in (b"[1]", b"{", b'{"message": 7}', b"\xff"):
            assert parse_failure(hidden(data, "json/plain")).encoded, data


class TestChange:
    def test_every_cause_of_the_chain_is_opened(self) -> None:
        outer = hidden(TOLD)
        outer.cause.CopyFrom(hidden(json.dumps({"message": "timed out", "stack_trace": ""}).encode()))
        failure = change_failure(parse_failure(outer), opened)
        assert failure is not None
        assert failure.cause is not None
        assert [(link.message, link.encoded, link.decoded) for link in (failure, failure.cause)] == [
            ("card 4242 declined", False, True),
            ("timed out", False, True),
        ]

    def test_an_unreadable_answer_leaves_it_encoded(self) -> None:
        failure = change_failure(parse_failure(hidden(b"\x00")), opened)
        assert failure is not None
        assert failure.encoded
        assert failure.attributes is not None

    def test_details_are_opened_too(self) -> None:
        made = hidden(TOLD)
        secret = Payload(metadata={"encoding": b"binary/encrypted"}, data=b'"4242"')
        made.application_failure_info.details.CopyFrom(Payloads(payloads=[secret]))
        failure = change_failure(parse_failure(made), opened)
        assert failure is not None
        assert failure.details is not None
        [detail] = Payloads.FromString(failure.details).payloads
        assert detail.metadata["encoding"] == b"json/plain"

    def test_a_long_chain_is_opened_as_far_as_it_is_kept(self) -> None:
        outer = hidden(TOLD)
        for _ in range(40):
            wrapped = hidden(TOLD)
            wrapped.cause.CopyFrom(outer)
            outer = wrapped
        failure = change_failure(parse_failure(outer), opened)
        count = 0
        while failure is not None:
            count, failure = count + failure.decoded, failure.cause
        assert count == 33  # the outermost one and 32 causes


def test_only_what_no_converter_of_temporal_writes_is_encoded() -> None:
    for encoding in ("json/plain", "json/protobuf", "binary/plain", "binary/null", "binary/protobuf", ""):
        assert not is_encoded(encoding), encoding
    for encoding in ("binary/encrypted", "binary/zlib", "my/own"):
        assert is_encoded(encoding), encoding
