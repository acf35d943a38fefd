"""Credentials looked at before they are used: what is wrong with them in a sentence, and what may be shown."""

import re
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from watchglass.errors import InvalidInput
from watchglass.model.credentials import Credentials, ShownCertificate, ShownCredentials
from watchglass.temporal.addresses import is_host_name

_HEADER_NAME = re.compile(r"[a-z0-9_.-]{1,100}")
_RESERVED = re.compile(r"grpc-.*|.*-bin|te|content-type|user-agent|host")
_VISIBLE = re.compile(r"[\x20-\x7e]{1,8192}")


def check_credentials(credentials: Credentials) -> None:
    """See whether they could work at all: readable, complete, belonging together, not expired.

    Raises:
        InvalidInput
    """
    _check_texts(credentials)
    if not credentials.tls and (credentials.server_ca or credentials.client_certificate or credentials.server_name):
        raise InvalidInput("Certificates and a server name are used with TLS only. Turn TLS on, or leave them out.")
    if credentials.server_ca:
        read_certificate(credentials.server_ca, "server's CA certificate")
    if bool(credentials.client_certificate) != bool(credentials.client_key):
        raise InvalidInput("A client certificate and its key belong together. Give both, or neither.")
    if credentials.client_certificate and credentials.client_key:
        _check_pair(credentials.client_certificate, credentials.client_key)


def shown(credentials: Credentials, *, set_at: datetime) -> ShownCredentials:
    """What may be told of checked credentials."""
    return ShownCredentials(
        tls=credentials.tls,
        server_name=credentials.server_name,
        server_ca=_shown_certificate(credentials.server_ca),
        api_key=bool(credentials.api_key),
        client_certificate=_shown_certificate(credentials.client_certificate),
        header_names=tuple(name for name, _ in credentials.headers),
        set_at=set_at,
        codec_token=bool(credentials.codec_token),
    )


def read_certificate(pem: str, what: str) -> x509.Certificate:
    """The first certificate of a PEM text; `what` names it in the sentence. Raises InvalidInput."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())[0]
    except (ValueError, IndexError) as error:
        raise InvalidInput(
            f"The {what} cannot be read. It has to be PEM: text that begins with -----BEGIN CERTIFICATE-----."
        ) from error


def subject_of(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"serial number {certificate.serial_number:x}"


def expiry_sentence(credentials: Credentials, *, now: datetime) -> str | None:
    """What to say of a client certificate that is not valid (any more); None when there is nothing to say."""
    if not credentials.client_certificate:
        return None
    certificate = read_certificate(credentials.client_certificate, "client certificate")
    if certificate.not_valid_after_utc <= now:
        return (
            f"The client certificate ({subject_of(certificate)}) expired on "
            f"{_day(certificate.not_valid_after_utc)}. Replace it and its key."
        )
    if certificate.not_valid_before_utc > now:
        return (
            f"The client certificate ({subject_of(certificate)}) is valid from "
            f"{_day(certificate.not_valid_before_utc)} on. Wait, or check this machine's clock."
        )
    return None


def _check_texts(credentials: Credentials) -> None:
    if credentials.api_key is not None and not _VISIBLE.fullmatch(credentials.api_key):
        raise InvalidInput("The API key holds characters that no key has, perhaps a line break. Copy it again.")
    if credentials.server_name is not None and not is_host_name(credentials.server_name):
        raise InvalidInput(f"{credentials.server_name!r} cannot be the name in a server's certificate.")
    for name, value in credentials.headers:
        if not _HEADER_NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise InvalidInput(
                f"{name!r} cannot be the name of a header. Use lower-case letters, digits, -, _ and ., for instance "
                "authorization."
            )
        if not _VISIBLE.fullmatch(value):
            raise InvalidInput(f"The value of header {name!r} holds characters that no header can hold.")
    names = [name for name, _ in credentials.headers]
    if len(names) != len(set(names)):
        raise InvalidInput("A header is given twice. Give each one once.")
    if credentials.api_key and "authorization" in names:
        raise InvalidInput("An API key is sent as the header authorization. Give the one or the other.")


def _check_pair(certificate_text: str, key_text: str) -> None:
    certificate = read_certificate(certificate_text, "client certificate")
    try:
        key = load_pem_private_key(key_text.encode(), password=None)
    except TypeError as error:
        raise InvalidInput("The key of the client certificate is encrypted. Give it without a passphrase.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidInput(
            "The key of the client certificate cannot be read. It has to be PEM: text that begins with "
            "-----BEGIN PRIVATE KEY-----."
        ) from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise InvalidInput("The key does not belong to the client certificate. Give the pair that was made together.")


def _shown_certificate(pem: str | None) -> ShownCertificate | None:
    if not pem:
        return None
    certificate = read_certificate(pem, "certificate")
    return ShownCertificate(subject_of(certificate), certificate.not_valid_after_utc.astimezone(UTC))


def _day(moment: datetime) -> str:
    return moment.strftime("%d %B %Y").lstrip("0")
