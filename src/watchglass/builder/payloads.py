"""What goes to steps and comes from them: JSON, of a size that Temporal takes."""

import json
from typing import NoReturn

from temporalio.common import RawValue

from watchglass.builder.failures import TOO_LARGE, called, failed
from watchglass.model.graph import Json, Node

LARGEST_BYTES = 2_000_000
"""Of one value; Temporal's own limit is 2 MiB with all that stands around it."""
_AS_JSON = ("json/plain", "json/protobuf")


def sendable(value: Json, node: Node, field: str) -> Json:
    """The value, if Temporal takes it; otherwise its task would be refused again and again. Raises ApplicationError."""
    size = len(json.dumps(value, separators=(",", ":")))
    if size <= LARGEST_BYTES:
        return value
    raise failed(
        f"{called(node)}: {field}: This is {size / 1e6:.1f} MB of JSON, and Temporal takes 2 MB at once. Hand on less, "
        "or where a large value is kept instead of the value.",
        TOO_LARGE,
    )


def received(result: RawValue, node: Node) -> Json:
    """What a step gave back. Raises ApplicationError for what is not JSON, which nodes ahead could not use."""
    payload = result.payload
    encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
    if encoding == "binary/null":
        return None
    if encoding not in _AS_JSON:
        raise failed(
            f"{called(node)}: The step gave back something of the encoding {encoding or 'none'}. Nodes hand on JSON: "
            "let the step give that back.",
            "NotJson",
        )
    try:
        return json.loads(payload.data, parse_constant=_refused)
    except ValueError as error:
        raise failed(f"{called(node)}: What the step gave back is not JSON ({error}).", "NotJson") from error


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
