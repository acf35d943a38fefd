"""A role's password as PostgreSQL keeps it, made here: servers log statements, and the password is then in none."""

import base64
import hashlib
import hmac
import secrets
import stringprep
import unicodedata

_ROUNDS = 4096
"""What PostgreSQL itself takes; the passwords that are made here have 256 bits."""
_SALT_BYTES = 16


def verifier(password: str) -> str:
    """`SCRAM-SHA-256$…` (RFC 5803), which stands for the password in CREATE ROLE and ALTER ROLE."""
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password).encode(), salt, _ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ROUNDS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _prepared(password: str) -> str:
    """As clients write it before they prove that they know it (SASLprep, RFC 4013)."""
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in password if not stringprep.in_table_b1(c))
    return unicodedata.normalize("NFKC", mapped)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
