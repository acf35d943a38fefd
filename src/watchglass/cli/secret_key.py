"""The installation's key: what credentials are encrypted with in the database."""

from pathlib import Path

from watchglass.config import Settings
from watchglass.embedded.secret import read_or_create_secret
from watchglass.errors import StartupError
from watchglass.store.seal import SHORTEST_SECRET, Seal

_FILE = "secret-key"


def make_secret_key(settings: Settings) -> None:
    """See that there is a key, in the settings or in the data directory; `up` and `migrate` alone make one.

    Raises:
        StartupError: the key that the settings give is too short.
    """
    if not _given(settings):
        read_or_create_secret(_path(settings))


def read_seal(settings: Settings) -> Seal:
    """The key of this installation; a seal without one when this process was given none.

    Another process must not make a key of its own: what it encrypts nobody else could read.
    """
    given = _given(settings)
    if given:
        return Seal(given)
    path = _path(settings)
    return Seal([read_or_create_secret(path)]) if path.exists() else Seal()


def _path(settings: Settings) -> Path:
    return settings.data_dir.expanduser().resolve() / _FILE


def _given(settings: Settings) -> list[str]:
    text = settings.secret_key.get_secret_value() if settings.secret_key else ""
    secrets = [part.strip() for part in text.split(",") if part.strip()]
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise StartupError(
            f"WATCHGLASS_SECRET_KEY is too short: a key needs {SHORTEST_SECRET} characters. Make one, for instance "
            "with `openssl rand -base64 32`."
        )
    return secrets
