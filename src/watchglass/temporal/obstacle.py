"""What stands between us and a server that cannot be reached, as a sentence.

The client library says "transport error" for most of it. Here the same steps are taken one by one: find the host,
connect, shake hands over TLS, send HTTP/2's first words; the first one that fails is named.
"""

import asyncio
import socket
import ssl
from datetime import UTC, datetime

from watchglass.model.credentials import Credentials
from watchglass.temporal.addresses import address_fault
from watchglass.temporal.certificates import expiry_sentence
from watchglass.temporal.tls import tls_context

_STEP_SECONDS = 3.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
"""HTTP/2's first words, and an empty frame of settings."""
_TLS_ALERT = b"\x15\x03"
_HTTP1 = b"HTTP/1"
_EXPIRED, _NOT_YET, _WRONG_HOST = 10, 9, frozenset({62, 64})
"""OpenSSL's codes of what is wrong with a certificate."""


async def find_obstacle(address: str, credentials: Credentials) -> str | None:
    """Return what is in the way, and what to do; None when nothing is, so that the trouble is another."""
    return await asyncio.to_thread(_find, address, credentials)


def _find(address: str, credentials: Credentials) -> str | None:
    # In plain blocking calls: event loops differ in what they tell of a handshake that fails.
    fault = address_fault(address)
    if fault is not None:
        return fault
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.create_connection((host, int(port)), timeout=_STEP_SECONDS) as plain:
            return _over_tls(plain, address, host, credentials) if credentials.tls else _in_plain_text(plain, address)
    except TimeoutError:
        return f"Nothing answers at {address}. Is the address right, and does a firewall let this machine through?"
    except socket.gaierror as error:
        return f"The host {host} cannot be found ({error.strerror}). Check its name, and this machine's DNS."
    except OSError as error:
        return (
            f"Nobody listens at {address} ({error.strerror}). Is the server running, and are host and port right? The "
            "port is that of the gRPC frontend, 7233 unless it was changed."
        )


def _in_plain_text(plain: socket.socket, address: str) -> str | None:
    try:
        answer = _greet(plain)
    except TimeoutError:
        return _silent(address)
    except ConnectionError:
        answer = b""
    if not answer or answer.startswith(_TLS_ALERT) or b"HTTPS server" in answer:
        return f"{address} wants TLS, and the connection is set to plain text. Turn TLS on."
    return _foreign(answer, address)


def _over_tls(plain: socket.socket, address: str, host: str, credentials: Credentials) -> str | None:
    try:
        with _http2(credentials).wrap_socket(plain, server_hostname=credentials.server_name or host) as encrypted:
            return _inside_tls(encrypted, address, credentials)
    except ssl.SSLCertVerificationError as error:
        return _distrust(error, address, credentials)
    except ssl.SSLError as error:
        reason = error.reason or ""
        if "ALERT" in reason:
            return _shut_out(address, credentials, reason)
        return _no_tls(address, reason)
    except (ConnectionError, TimeoutError) as error:
        return _no_tls(address, type(error).__name__)


def _inside_tls(encrypted: ssl.SSLSocket, address: str, credentials: Credentials) -> str | None:
    """With TLS 1.3 a server looks at the client's certificate only after the handshake."""
    try:
        answer = _greet(encrypted)
    except TimeoutError:
        return _silent(address)
    except (ssl.SSLError, ConnectionError) as error:
        return _shut_out(address, credentials, getattr(error, "reason", None) or "")
    return _foreign(answer, address) if answer else _shut_out(address, credentials)


def _greet(server: socket.socket) -> bytes:
    """What the server says to HTTP/2's first words; empty when it hangs up."""
    server.sendall(_PREFACE)
    return server.recv(256)


def _silent(address: str) -> str:
    return f"{address} accepts the connection but says nothing. Is that the gRPC port of a Temporal server?"


def _no_tls(address: str, reason: str) -> str:
    return (
        f"{address} does not answer in TLS, to which the connection is set ({reason}). Turn TLS off if the server "
        "speaks plain text."
    )


def _foreign(answer: bytes, address: str) -> str | None:
    if answer.startswith(_HTTP1):
        return (
            f"{address} speaks HTTP but not gRPC. Give the port of the gRPC frontend, 7233 unless it was changed, and "
            "not that of the web page."
        )
    return None


def _distrust(error: ssl.SSLCertVerificationError, address: str, credentials: Credentials) -> str:
    """The server's certificate is not accepted."""
    if error.verify_code == _EXPIRED:
        return f"The server's certificate at {address} has expired. Whoever runs the server has to renew it."
    if error.verify_code == _NOT_YET:
        return f"The server's certificate at {address} is not valid yet. Check this machine's clock, and the server's."
    if error.verify_code in _WRONG_HOST:
        return (
            f"The server's certificate at {address} is for another name. Set the server name to the one that the "
            "certificate has."
        )
    if credentials.server_ca:
        return (
            f"The server's certificate at {address} was not signed by the CA certificate that is set "
            f"({error.verify_message}). Give the CA certificate of the authority that signed it."
        )
    return (
        f"The server's certificate at {address} was signed by nobody whom this machine trusts "
        f"({error.verify_message}). Give the CA certificate of the authority that signed it."
    )


def _shut_out(address: str, credentials: Credentials, reason: str = "") -> str:
    """The server ends the conversation after it has seen who we are."""
    if "PROTOCOL_VERSION" in reason or "HANDSHAKE_FAILURE" in reason:
        return f"{address} and this machine know no common version or cipher of TLS ({reason})."
    if not credentials.client_certificate:
        return (
            f"{address} ends the connection: it wants a client certificate, and none is set. Set the certificate that "
            "whoever runs the server gave you, and its key."
        )
    expired = expiry_sentence(credentials, now=datetime.now(UTC))
    if expired:
        return expired
    if "EXPIRED" in reason:
        return f"{address} says that the client certificate has expired. Replace it and its key."
    return (
        f"{address} does not accept the client certificate. Was it signed by an authority that the server trusts, and "
        "has nobody revoked it?"
    )


def _http2(credentials: Credentials) -> ssl.SSLContext:
    context = tls_context(credentials)
    context.set_alpn_protocols(["h2"])
    return context
