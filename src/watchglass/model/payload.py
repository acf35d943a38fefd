"""A value that a workflow handled, as Temporal held it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payload:
    encoding: str
    text: str | None
    """The original text of a JSON or plain payload, digits untouched; None when it is not text."""
    size: int
    """Bytes of the whole payload, whatever `text` shows."""
    sha256: str
    """Hex digest of the whole payload's bytes."""
    truncated: bool
    sanitised: bool
    """True when characters that no database or browser can carry (NUL, lone surrogates) were replaced by
    U+FFFD."""
    decoded_from: str | None = None
    """The encoding that Temporal holds, when the connection's codec server decoded the payload."""
    redacted: bool = False
    """Something in it was hidden before it was stored; size and digest are of what is left."""
