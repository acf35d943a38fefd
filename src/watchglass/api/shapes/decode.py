"""Having values decoded by the connection's codec server."""

from typing import Annotated

from pydantic import Field, SecretStr

from watchglass.api.shapes.base import ExecutionIdInput, Output
from watchglass.api.shapes.component import ComponentExecutionInput
from watchglass.api.shapes.failure import Failure
from watchglass.api.shapes.payload import Payload

CodecAddress = Annotated[str, Field(min_length=1, max_length=500)]
CodecToken = Annotated[SecretStr, Field(min_length=1, max_length=16_384)]


class DecodeExecutionInput(ExecutionIdInput):
    """Whose own values to decode, and where the person agreed to send them."""

    codec_address: CodecAddress
    """`codecAddress` of the execution: nothing is sent when the connection names another one by now."""
    codec_token: CodecToken | None = None
    """For the codec server: sent on as a bearer token, and kept nowhere."""


class DecodeComponentInput(ComponentExecutionInput):
    """Which component execution's values to decode, and where the person agreed to send them."""

    codec_address: CodecAddress
    """`codecAddress` of the execution: nothing is sent when the connection names another one by now."""
    codec_token: CodecToken | None = None
    """For the codec server: sent on as a bearer token, and kept nowhere."""


class DecodedExecution(Output):
    """An execution's own values as the codec server read them; what it could not read is as Temporal holds it."""

    input: list[Payload] | None
    """Up to 64 KiB of text each. So for the others."""
    result: list[Payload] | None
    failure: Failure | None
    memo: dict[str, Payload]
    error_message: str | None
    error_type: str | None
