"""The secrets that open the door, and what is kept of them.

session cookie, one-time link   32 random bytes as URL-safe text
bearer token                    `wg_` + 32 base62 characters + CRC-32 in six more, so that secret scanners can tell one
                                from other text without asking anybody
"""

import hashlib
import re
import secrets
import string
import zlib

TOKEN_PREFIX = "wg_"  # noqa: S105 (not a secret)
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_CHARACTERS = 32
_CHECK_CHARACTERS = 6
_TOKEN = re.compile(rf"{TOKEN_PREFIX}[0-9A-Za-z]{{{_RANDOM_CHARACTERS + _CHECK_CHARACTERS}}}")


def new_secret() -> str:
    """For a session or a one-time link: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A bearer token: 190 random bits and a checksum."""
    random = "".join(secrets.choice(_BASE62) for _ in range(_RANDOM_CHARACTERS))
    return TOKEN_PREFIX + random + _checksum(random)


def is_token(text: str) -> bool:
    """Could this be a token that Watchglass made? Says nothing about whether it is valid."""
    if not _TOKEN.fullmatch(text):
        return False
    body = text.removeprefix(TOKEN_PREFIX)
    return _checksum(body[:_RANDOM_CHARACTERS]) == body[_RANDOM_CHARACTERS:]


def hash_secret(secret: str) -> bytes:
    """What is stored. The secrets are random, so a fast hash is enough: there is no password to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(_CHECK_CHARACTERS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
