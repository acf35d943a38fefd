"""Output of which nothing is lost."""

import io
from typing import TextIO, cast


def whole(stream: TextIO) -> TextIO:
    """The same stream, which writes on where a pipe took only a part.

    Without a buffer (PYTHONUNBUFFERED, as images of containers often have it) Python drops the rest of what the system
    did not take at once, as happens to a process that is stopped and goes on while it waits for its reader.
    """
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase):
        return stream
    written = io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True, write_through=True
    )
    return cast(TextIO, written)
