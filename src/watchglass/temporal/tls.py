"""TLS as Python speaks it, for what does not go through Temporal's client library."""

import os
import ssl
import threading

from watchglass.model.credentials import Credentials


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """Whom the credentials trust, and the client certificate that they show. Raises ssl.SSLError for bad PEM."""
    context = ssl.create_default_context(cadata=credentials.server_ca)
    if credentials.client_certificate and credentials.client_key:
        # OpenSSL's binding reads keys from paths alone; a pipe has one, and leaves nothing on a disk.
        with _Pipe(credentials.client_certificate) as certificate, _Pipe(credentials.client_key) as key:
            context.load_cert_chain(certificate, key)
    return context


class _Pipe:
    """A text at a path that exists only inside this process."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> str:
        self._out, into = os.pipe()
        # From a thread: a chain of certificates may be longer than what a pipe holds.
        self._writing = threading.Thread(target=_fill, args=(into, self._text.encode()), daemon=True)
        self._writing.start()
        return f"/dev/fd/{self._out}"

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        self._writing.join()


def _fill(into: int, data: bytes) -> None:
    try:
        with os.fdopen(into, "wb") as pipe:
            pipe.write(data)
    except BrokenPipeError:
        # OpenSSL had read enough of it.
        return
