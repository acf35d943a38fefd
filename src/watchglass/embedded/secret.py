"""Secrets kept in files that only their owner can read."""

import os
import secrets
from pathlib import Path


def read_or_create_secret(path: Path) -> str:
    """Return the secret in `path`; make a random one (256 bits) when there is no such file."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _create(path)


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _create(path: Path) -> str:
    secret = secrets.token_urlsafe(32)
    write_private(path, secret + "\n")
    return secret
