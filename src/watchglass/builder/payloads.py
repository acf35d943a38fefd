"""What goes to steps and comes from them: JSON, of a size that Temporal takes."""

import json
from typing import NoReturn

from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from watchglass.builder.failures import TOO_LARGE, called, failed
from watchglass.builder.read import is_deeper
from watchglass.model.graph import Json, Node

LARGEST_BYTES = 2_000_000
"""Of one value; Temporal's own limit is 2 MiB with all that stands around it."""
DEEPEST = 100
"""Lists and objects inside one another. Writing what is deeper down again could fail anywhere later."""
_AS_JSON = ("json/plain", "json/protobuf")


def size_of(value: Json, node: Node, field: str) -> int:
    """Bytes of its JSON. Raises ApplicationError for more than Temporal takes: it would refuse that again and again."""
    size = len(json.dumps(value, separators=(",", ":")))
    if size <= LARGEST_BYTES:
        return size
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
        value = json.loads(payload.data, parse_constant=_refused)
    except RecursionError:
        raise _too_deep(node) from None
    except ValueError as error:
        raise failed(f"{called(node)}: What the step gave back is not JSON ({error}).", "NotJson") from error
    # Who has few brackets is not deep: most values are told without walking through them.
    if payload.data.count(b"[") + payload.data.count(b"{") > DEEPEST and is_deeper(value, DEEPEST):
        raise _too_deep(node)
    return value


def _too_deep(node: Node) -> ApplicationError:
    return failed(
        f"{called(node)}: The step gave back lists and objects more than {DEEPEST} deep inside one another. "
        "Let it give back something flatter.",
        "NotJson",
    )


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
