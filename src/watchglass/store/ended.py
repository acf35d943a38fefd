"""What opens no door any more: sessions, tokens and links that ended, and what signing in leaves behind."""

from dataclasses import dataclass
from datetime import timedelta

from watchglass.store.scope import Writer


@dataclass(frozen=True, slots=True)
class TakenAway:
    """How many rows of each table."""

    sessions: int = 0
    tokens: int = 0
    links: int = 0
    oidc: int = 0
    """Sign-ins whose people never came back from the provider."""
    tries: int = 0

    @property
    def most(self) -> int:
        return max(self.sessions, self.tokens, self.links, self.oidc, self.tries)

    def plus(self, more: "TakenAway") -> "TakenAway":
        return TakenAway(
            self.sessions + more.sessions,
            self.tokens + more.tokens,
            self.links + more.links,
            self.oidc + more.oidc,
            self.tries + more.tries,
        )


async def take_away_ended(door: Writer, *, kept: timedelta, limit: int) -> TakenAway:
    """Take away what ended longer ago than `kept`, at most `limit` rows of each table.

    Nothing while another process does it.
    """
    row = await door.fetchrow("SELECT * FROM app.take_away_ended($1, $2)", kept, limit)
    return TakenAway(**row) if row else TakenAway()
