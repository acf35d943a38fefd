"""The schema as SQL, for people: `docs/schema.sql`, made anew by `./dev python -m tests.store.schema_dump`."""

import asyncio
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from tests.servers import make_shared_directory

from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.programs import postgres_programs
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema.sql"
_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$", re.MULTILINE)


def dump_schema(admin_url: str, *, suffix: str = "") -> str:
    """The schema of a migrated database, without role suffixes and without what differs between versions of pg_dump."""
    command = [str(postgres_programs(account_for_postgres()) / "pg_dump"), "--schema-only", "--no-owner", admin_url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    text = _NOISE.sub("", printed)
    if suffix:
        text = text.replace(suffix, "")
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


async def main() -> None:
    server = EmbeddedPostgres(make_shared_directory())
    await server.start()
    try:
        admin = await asyncpg.connect(server.admin_url)
        await admin.execute("CREATE DATABASE published")
        await admin.close()
        url = urlunsplit(urlsplit(server.admin_url)._replace(path="/published"))
        await migrate(url, passwords=Passwords("login", "sync"))
        PUBLISHED.parent.mkdir(exist_ok=True)
        PUBLISHED.write_text(dump_schema(url))
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
