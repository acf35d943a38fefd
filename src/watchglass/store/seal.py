"""Encryption of what nobody may read from the database alone.

    sealed = 12 random bytes + AES-256-GCM(text), bound to the place where it is kept

A row that is moved to another connection's place does not open there. The key comes from the installation's secret
by HKDF, so that any long text can be the secret.
"""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from watchglass.errors import Conflict

_NONCE_BYTES = 12
SHORTEST_SECRET = 32
"""Characters; what Watchglass makes itself has 43."""


class Unsealable(Conflict):
    """The installation's key is missing, or is not the one that the text was sealed with."""


@dataclass(frozen=True, slots=True)
class Sealed:
    key_id: str
    """Which key opens it: eight hexadecimal digits that say nothing about the key."""
    data: bytes


class Seal:
    """Seals with the first of the secrets, and opens with any of them, so that one can take another's place."""

    def __init__(self, secrets: Sequence[str] = (), *, reread: Callable[[], Sequence[str]] | None = None) -> None:
        """`reread` gives the secrets of now, where they may be replaced while the process runs."""
        self._reread = reread
        self._take(secrets)

    def _take(self, secrets: Sequence[str]) -> None:
        derived = [(_derive(secret, b"id", 4).hex(), _derive(secret, b"key", 32)) for secret in secrets]
        self._keys = {key_id: AESGCM(key) for key_id, key in derived}
        self._newest = derived[0][0] if derived else None

    @property
    def newest(self) -> str | None:
        """The id of the key that seals."""
        return self._newest

    @property
    def key_ids(self) -> Collection[str]:
        """The ids of all keys that open."""
        return self._keys.keys()

    def check(self) -> str:
        """The id of the key that seals. Raises Unsealable without one."""
        if self._newest is None:
            raise Unsealable(
                "Credentials cannot be stored: this process does not have the installation's key. Start it on the data "
                "directory of `watchglass up`, or set WATCHGLASS_SECRET_KEY to what `up` has."
            )
        return self._newest

    def close(self, text: bytes, *, place: str) -> Sealed:
        """Encrypt `text` for `place`. Raises Unsealable without a key."""
        if self._reread is not None:
            # With a key that is on its way out nothing is sealed any more.
            self._take(self._reread())
        key_id = self.check()
        nonce = os.urandom(_NONCE_BYTES)
        return Sealed(key_id, nonce + self._keys[key_id].encrypt(nonce, text, place.encode()))

    def open(self, sealed: Sealed, *, place: str) -> bytes:
        """Decrypt what was sealed for `place`. Raises Unsealable without its key, or when it was changed."""
        if sealed.key_id not in self._keys and self._reread is not None:
            self._take(self._reread())
        key = self._keys.get(sealed.key_id)
        try:
            if key is not None:
                return key.decrypt(sealed.data[:_NONCE_BYTES], sealed.data[_NONCE_BYTES:], place.encode())
        except InvalidTag:
            # Said below: who changed it, or moved it here, is told no more than who has no key.
            pass
        raise Unsealable(
            "The stored credentials cannot be opened with the key of this installation. Start with the key that they "
            "were stored with (WATCHGLASS_SECRET_KEY, or the file secret-key of the data directory), or enter the "
            "credentials again."
        )


NO_SEAL = Seal()
"""Of who has no key."""


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    info = b"watchglass credentials " + purpose
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
