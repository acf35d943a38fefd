"""Sign-ins that are at the OpenID provider."""

from dataclasses import dataclass
from datetime import timedelta

from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class Pending:
    """What the answer has to fit to."""

    state: str
    nonce: str
    code_verifier: str
    redirect_uri: str


async def begin_oidc(door: Writer, *, browser_hash: bytes, pending: Pending, lifetime: timedelta) -> None:
    """Remember a sign-in until its answer comes, under the hash of a secret that the browser keeps."""
    await door.execute(
        "SELECT app.begin_oidc($1, $2, $3, $4, $5, $6)",
        browser_hash,
        pending.state,
        pending.nonce,
        pending.code_verifier,
        pending.redirect_uri,
        lifetime,
    )


async def end_oidc(door: Writer, browser_hash: bytes) -> Pending | None:
    """Forget a sign-in and return it; None when this browser has none, or took too long."""
    row = await door.fetchrow("SELECT state, nonce, code_verifier, redirect_uri FROM app.end_oidc($1)", browser_hash)
    if row is None or row["state"] is None:
        return None
    return Pending(**row)
