"""tRPC's error codes, and the shape in which the official clients read an error.

{"message": …, "code": <JSON-RPC number>,
 "data": {"code": "NOT_FOUND", "httpStatus": 404, "path": …, "issues": […]}}
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

MAX_ISSUES = 20
MAX_ISSUE_TEXT = 300

_INTERNAL = -32603
CODES: Mapping[str, tuple[int, int]] = {
    "PARSE_ERROR": (-32700, 400),
    "BAD_REQUEST": (-32600, 400),
    "UNAUTHORIZED": (-32001, 401),
    "PAYMENT_REQUIRED": (-32002, 402),
    "FORBIDDEN": (-32003, 403),
    "NOT_FOUND": (-32004, 404),
    "METHOD_NOT_SUPPORTED": (-32005, 405),
    "TIMEOUT": (-32008, 408),
    "CONFLICT": (-32009, 409),
    "PRECONDITION_FAILED": (-32012, 412),
    "PAYLOAD_TOO_LARGE": (-32013, 413),
    # Not one of tRPC's own: clients show the code as it is.
    "URI_TOO_LONG": (-32014, 414),
    "UNSUPPORTED_MEDIA_TYPE": (-32015, 415),
    "MISDIRECTED_REQUEST": (-32021, 421),
    "UNPROCESSABLE_CONTENT": (-32022, 422),
    "PRECONDITION_REQUIRED": (-32028, 428),
    "TOO_MANY_REQUESTS": (-32029, 429),
    "CLIENT_CLOSED_REQUEST": (-32099, 499),
    "INTERNAL_SERVER_ERROR": (_INTERNAL, 500),
    "NOT_IMPLEMENTED": (_INTERNAL, 501),
    "BAD_GATEWAY": (_INTERNAL, 502),
    "SERVICE_UNAVAILABLE": (_INTERNAL, 503),
    "GATEWAY_TIMEOUT": (_INTERNAL, 504),
}
"""Code → (JSON-RPC number, HTTP status)."""
_RETRY_AFTER: Mapping[str, int] = {"SERVICE_UNAVAILABLE": 2, "TOO_MANY_REQUESTS": 60}
"""Code → after how many seconds to try again, where the error itself does not say."""


class TRPCError(Exception):
    """An answer that is an error: its code, a sentence for people, and more `data` where there is some.

    `retry_after`: in how many seconds it is worth another try. `closes`: the connection is of no more use, because
    the rest of the request stays unread.
    """

    def __init__(
        self,
        code: str,
        message: str,
        data: Mapping[str, Any] | None = None,
        *,
        retry_after: int | None = None,
        closes: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data or {}
        self.retry_after = _RETRY_AFTER.get(code) if retry_after is None else retry_after
        self.closes = closes

    @property
    def status(self) -> int:
        return CODES[self.code][1]

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """What the answer's headers say of it."""
        headers = []
        if self.status == 401:
            headers.append((b"www-authenticate", b'Bearer realm="Watchglass"'))
        if self.retry_after is not None:
            headers.append((b"retry-after", str(self.retry_after).encode()))
        if self.closes:
            headers.append((b"connection", b"close"))
        return tuple(headers)

    def shape(self, path: str | None) -> dict[str, Any]:
        """The `error` of an answer; `path` is None when the whole request was refused."""
        number, status = CODES[self.code]
        data: dict[str, Any] = {"code": self.code, "httpStatus": status}
        if path is not None:
            data["path"] = path
        return {"message": self.message, "code": number, "data": data | dict(self.data)}


def internal_error() -> TRPCError:
    """What a caller learns of a bug: nothing."""
    return TRPCError("INTERNAL_SERVER_ERROR", "Internal server error")


def from_validation(error: ValidationError) -> TRPCError:
    """BAD_REQUEST with at most 20 issues, each `{path, message, type}`."""
    issues = [
        {
            "path": list(issue["loc"]),
            "message": issue["msg"][:MAX_ISSUE_TEXT],
            "type": issue["type"],
        }
        for issue in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ISSUES]
    ]
    return TRPCError("BAD_REQUEST", _sentence(issues), {"issues": issues})


def _sentence(issues: list[dict[str, Any]]) -> str:
    first = issues[0]
    where = ".".join(str(part) for part in first["path"])
    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
    return f"The input is not valid: {where + ': ' if where else ''}{first['message']}{more}"
