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
    if not given_secrets(settings):
        read_or_create_secret(key_file(settings))


def read_seal(settings: Settings) -> Seal:
    """The key of this installation; a seal without one when this process was given none.

    Another process must not make a key of its own: what it encrypts nobody else could read.
    """
    given = given_secrets(settings)
    if given:
        return Seal(given)
    path = key_file(settings)
    return Seal(read_keys(path), reread=lambda: read_keys(path)) if path.exists() else Seal()


def read_keys(path: Path) -> list[str]:
    """The keys in the file, the one that encrypts first: there are two while `rotate-key` is at work."""
    return _split(read_or_create_secret(path))


def key_file(settings: Settings) -> Path:
    """Where the data directory keeps the key."""
    return settings.data_dir.expanduser().resolve() / _FILE


def given_secrets(settings: Settings) -> list[str]:
    """The keys that the settings give, the newest first; none when the data directory's file is the key."""
    text = settings.secret_key.get_secret_value() if settings.secret_key else ""
    secrets = _split(text)
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise StartupError(
            f"WATCHGLASS_SECRET_KEY is too short: a key needs {SHORTEST_SECRET} characters. Make one, for instance "
            "with `openssl rand -base64 32`."
        )
    return secrets


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
