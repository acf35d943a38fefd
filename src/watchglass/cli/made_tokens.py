"""The tokens that `up` makes at every start, and the end of those that it made at the one before."""

import json
from dataclasses import dataclass
from pathlib import Path

from watchglass.auth.secret import hash_secret
from watchglass.auth.tokens import create_token
from watchglass.cli.found import OWNER
from watchglass.embedded.secret import write_private
from watchglass.store.scope import Store
from watchglass.store.tokens import revoke_token

_FILE = "made-tokens.json"
"""Hashes alone: enough to revoke a token, of no use for opening anything."""


@dataclass(frozen=True, slots=True)
class MadeTokens:
    """Of this start."""

    workers: str
    """For the workers of projects."""
    programs: str | None
    """For the program that reads the `ready` line."""


async def renew_tokens(store: Store, data_dir: Path, *, for_programs: bool) -> MadeTokens:
    """Make new ones and revoke those of the start before, also when that one was killed."""
    path = data_dir / _FILE
    before = json.loads(path.read_text()) if path.exists() else []
    workers = await create_token(store, user=OWNER, name="workers of projects", is_of_start=True)
    programs = await create_token(store, user=OWNER, name="watchglass up", is_of_start=True) if for_programs else None
    made = [hash_secret(token).hex() for token in (workers, programs) if token]
    # First written down, then revoked: a start that is killed in between is made up for by the next.
    write_private(path, json.dumps([*before, *made]))
    async with store.door() as door:
        for each in before:
            await revoke_token(door, bytes.fromhex(each))
    write_private(path, json.dumps(made))
    return MadeTokens(workers, programs)
