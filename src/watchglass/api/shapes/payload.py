"""Values that a workflow handled."""

from watchglass.api.shapes.base import Output


class Payload(Output):
    """One argument or result, as Temporal held it."""

    encoding: str
    """Temporal's word for the format, for instance `json/plain`; empty when the payload names none."""
    text: str | None
    """The original text of JSON or plain payloads, digits untouched; null for binary, encrypted or hidden ones."""
    bytes: int
    """Size of the whole payload, whatever `text` shows."""
    sha256: str | None
    """Hex digest of the whole payload's bytes; null for hidden ones."""
    truncated: bool
    """`text` is only the beginning; the whole is in `execution.getComponentExecution`."""
    sanitised: bool
    """Characters that no browser can carry (NUL, lone surrogates) were replaced by U+FFFD."""
    is_encoded: bool
    """In an encoding that only a codec can read."""
    decoded_from: str | None
    """The encoding that Temporal holds, when the connection's codec server decoded this value."""
    redacted: bool = False
    """By the project's rules something in it was hidden before it was stored; each place says
    `[redacted:<8 hex digits>]`, with the same digits for the same value."""
    hidden: bool = False
    """There is a value, but the person asking may not see the values of this project's runs."""


class SearchAttribute(Output):
    """One typed value that Temporal can search by."""

    type: str | None
    """Keyword, Text, Int, Double, Bool, Datetime or KeywordList; null when the server did not say."""
    text: str | None
    """The value as JSON text; null when it is unset, cannot be read or is hidden."""
    hidden: bool = False
    """There may be a value, but the person asking may not see the values of this project's runs."""
