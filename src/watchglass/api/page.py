"""The web page: its built files, and `index.html` with a nonce of its own for every answer.

/assets/…   names carry a hash of their content: kept by browsers for ever, sent as compressed at build time
other files favicon and the like
/api/ …     what programs ask for by habit and is not here: 404, said in JSON
anything    a place inside the page: index.html
"""

import mimetypes
import secrets
from collections.abc import Mapping
from pathlib import Path

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response

_NONCE_MARK = "__CSP_NONCE__"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_NOT_PLACES = ("/api", "/metrics", "/trpc")
"""A program that is answered with a page takes it for success."""
_FOR_EVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)


class _Anything(Convertor[str]):
    """Starlette's own `path` ends at a line break, and a workflow's id, which stands in an address, may hold some."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())
ANYWHERE = "/{path:anything}"
"""The route of the page."""


class Page:
    """Serves the files that are there when it is made; no other path reaches the disk."""

    def __init__(self, folder: Path) -> None:
        self._files = _files(folder)
        index = folder / "index.html"
        self._index = index.read_text(encoding="utf-8") if index.exists() else None

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        if path in self._files:
            return _file(self._files, path, request.headers.get("accept-encoding", ""))
        if path.startswith("/assets/"):
            return PlainTextResponse("There is no such file.\n", status_code=404)
        if any(path == root or path.startswith(f"{root}/") for root in _NOT_PLACES):
            return JSONResponse(
                {"message": "There is nothing under this path. The API is under /api/v1 and /trpc."}, 404
            )
        return self._place()

    def _place(self) -> Response:
        if self._index is None:
            return PlainTextResponse("The web page has not been built; reinstall Watchglass.\n", status_code=503)
        nonce = secrets.token_urlsafe(16)
        policy = _POLICY.format(nonce=nonce)
        return HTMLResponse(self._index.replace(_NONCE_MARK, nonce), headers={"content-security-policy": policy})


def _files(folder: Path) -> Mapping[str, Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {f"/{path.relative_to(folder).as_posix()}": path for path in files if path.name != "index.html"}


def _file(files: Mapping[str, Path], path: str, accepted: str) -> Response:
    headers = {"cache-control": _FOR_EVER if path.startswith("/assets/") else _AN_HOUR, "vary": "accept-encoding"}
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    wanted = {part.split(";")[0].strip() for part in accepted.split(",")}
    for encoding, ending in _ENCODINGS:
        if encoding in wanted and path + ending in files:
            return FileResponse(files[path + ending], media_type=kind, headers=headers | {"content-encoding": encoding})
    return FileResponse(files[path], media_type=kind, headers=headers)
