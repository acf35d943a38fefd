"""From a credential to the person who holds it."""

from watchglass.auth.credential import Credential
from watchglass.auth.secret import hash_secret
from watchglass.model.project import Principal
from watchglass.store.scope import Store
from watchglass.store.sessions import read_holder


async def identify(store: Store, credential: Credential | None) -> Principal | None:
    """Who is asking; None when the credential is unknown, expired, idle for 12 hours, or revoked."""
    if credential is None:
        return None
    secret_hash = hash_secret(credential.secret)
    async with store.door() as door:
        holder = await read_holder(door, secret_hash)
    if holder is None:
        return None
    return Principal(
        holder.user_id,
        holder.name,
        secret_hash,
        scope=holder.scope,
        is_admin=holder.is_admin,
        only_project=holder.project_id,
    )
