"""What a connection may cost before there is a request: the server that is used has no bounds of its own there.

Headers of 64 KiB, whole within ten seconds; a connection that says nothing is closed after the same time.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 10.0
_ANSWERS = {
    408: b"HTTP/1.1 408 Request Timeout",
    431: b"HTTP/1.1 431 Request Header Fields Too Large",
}


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that waits for nobody's headers for ever."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._has_begun = False
        """Something of a request has come."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(431, f"The headers are larger than {MAX_HEAD_BYTES // 1024} KiB.")

    def on_message_begin(self) -> None:
        self._has_begun = True
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self._has_begun:
            self._refuse(408, f"The headers did not arrive within {self.head_seconds:g} s.")
        else:
            self.transport.close()

    def _refuse(self, status: int, sentence: str) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        body = sentence.encode() + b"\n"
        head = (
            b"\r\nconnection: close\r\nx-content-type-options: nosniff\r\ncontent-type: text/plain; charset=utf-8\r\n"
        )
        self.transport.write(_ANSWERS[status] + head + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()
