"""Every way in which a session or a token ends, held against what the database then shows through it."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import asyncpg
from tests.store.rls.expected import Caller
from tests.store.rls.matrix import Bench

_SESSION = "INSERT INTO public.sessions (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')"
_TOKEN = (
    "INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at) "
    "VALUES ($1, $2, 'a door', now() + interval '1 hour')"
)


@dataclass(frozen=True, slots=True)
class Door:
    what: str
    made: str
    """Gets the hash and the person."""
    ended: str = ""
    shows: tuple[str, ...] = ()
    """Of the person's two projects; none: it opens nothing."""


DOORS = (
    Door("a session", _SESSION, shows=("ours", "theirs")),
    Door("a session that was ended", _SESSION, "UPDATE public.sessions SET revoked_at = now()"),
    Door("a session whose time is over", _SESSION, "UPDATE public.sessions SET expires_at = now()"),
    Door(
        "a session that was left alone",
        _SESSION,
        "UPDATE public.sessions SET last_used_at = now() - interval '13 hours'",
    ),
    Door("a session of somebody disabled", _SESSION, "UPDATE public.users SET disabled_at = now()"),
    Door("a token", _TOKEN, shows=("ours", "theirs")),
    Door("a token of one project", _TOKEN, "UPDATE public.api_tokens SET project_id = '{ours}'", shows=("ours",)),
    Door("a token of the other", _TOKEN, "UPDATE public.api_tokens SET project_id = '{theirs}'", shows=("theirs",)),
    Door("a token that was revoked", _TOKEN, "UPDATE public.api_tokens SET revoked_at = now()"),
    Door("a token whose time is over", _TOKEN, "UPDATE public.api_tokens SET expires_at = now()"),
    Door("a token of somebody disabled", _TOKEN, "UPDATE public.users SET disabled_at = now()"),
)


async def door_findings(bench: Bench) -> list[str]:
    """Doors that show more, or less, than they should. What is tried is taken back."""
    return [finding for door in DOORS if (finding := await _finding(bench, door))]


async def _finding(bench: Bench, door: Door) -> str | None:
    person = bench.seeded.people[Caller.OWNER].user_id
    wanted = (
        {getattr(bench.seeded, name) for name in door.shows},
        person if door.shows else None,
        int(door.made == _TOKEN and bool(door.shows)),
    )
    attempt = bench.admin.transaction()
    await attempt.start()
    try:
        found = await _opened(bench, door, person)
    except asyncpg.PostgresError as error:
        return f"{door.what}: {error}"
    finally:
        await attempt.rollback()
    return None if found == wanted else f"{door.what}: expected {wanted}, was {found}"


async def _opened(bench: Bench, door: Door, person: UUID) -> tuple[set[UUID], UUID | None, int]:
    """The projects that are shown, who is asking, and how many tokens are."""
    admin, seeded = bench.admin, bench.seeded
    token_hash = sha256(door.what.encode()).digest()
    # Ada is in both projects, so that a token of one has something to hide.
    await admin.execute("INSERT INTO public.project_members VALUES ($1, $2, 'viewer')", seeded.theirs, person)
    await admin.execute(door.made, token_hash, person)
    if door.ended:
        await admin.execute(door.ended.format(ours=seeded.ours, theirs=seeded.theirs))
    await admin.execute(
        "SELECT set_config('role', $1, true), set_config('app.session', $2, true)",
        bench.database.roles.user,
        token_hash.hex(),
    )
    row = await admin.fetchrow(
        "SELECT (SELECT array_agg(id) FROM public.projects) AS projects, (SELECT app.user_id()) AS user_id, "
        "(SELECT count(*) FROM app.token()) AS tokens"
    )
    return set(row["projects"] or ()), row["user_id"], row["tokens"]
