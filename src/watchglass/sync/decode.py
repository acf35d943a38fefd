"""Having values decoded by a connection's codec server: everything that one walk finds, in one go."""

from collections.abc import Callable
from typing import TypeVar

from temporalio.api.common.v1 import Payload

from watchglass.parse.encoded import Change, encoding_of, is_encoded, marked_decoded
from watchglass.parse.redaction.redactor import Redactor
from watchglass.temporal.codec import CODEC_SECONDS, Codec, decode

Walked = TypeVar("Walked")


async def decoded(
    codec: Codec, walk: Callable[[Change], Walked], *, redactor: Redactor | None, seconds: float = CODEC_SECONDS
) -> Walked:
    """The thing that `walk` walks, with its encoded payloads decoded; equal payloads are sent once.

    What the project wants hidden, nobody can hide in an encoded value: `redactor` does in the decoded one.

    Raises:
        CodecUnavailable, CodecRefused, CodecFaulty, InvalidInput
    """
    found: dict[bytes, Payload] = {}

    def note(payload: Payload) -> Payload:
        if is_encoded(encoding_of(payload)):
            found.setdefault(_key(payload), payload)
        return payload

    as_held = walk(note)
    if not found:
        return as_held
    originals = list(found.values())
    answers = await decode(codec, originals, seconds=seconds)
    known = {
        key: _hidden(marked_decoded(answer, original), original, redactor)
        for (key, original), answer in zip(found.items(), answers, strict=True)
    }
    return walk(lambda payload: known.get(_key(payload), payload) if is_encoded(encoding_of(payload)) else payload)


def _hidden(made: Payload, original: Payload, redactor: Redactor | None) -> Payload:
    return made if redactor is None or made is original else redactor.payload(made)


def _key(payload: Payload) -> bytes:
    return payload.SerializeToString(deterministic=True)
