"""How long answers take for unknown people and for wrong passwords: `./dev python -m tests.api.sign_in_timing`.

On a machine that does nothing else. Prints medians in milliseconds and how far they are apart.
"""

import asyncio
import os
import statistics
import time
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
from tests.api.seeded import dependencies, open_parts
from tests.databases import Database, with_user
from tests.servers import make_shared_directory

from watchglass.api.app import create_app
from watchglass.auth import tries
from watchglass.auth.people import create_user
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords, Roles
from watchglass.store.scope import Store

ROUNDS = int(os.environ.get("ROUNDS", "200"))


async def main() -> None:
    server = EmbeddedPostgres(make_shared_directory())
    await server.start()
    try:
        admin = await asyncpg.connect(server.admin_url)
        await admin.execute("CREATE DATABASE timing")
        await admin.close()
        url = urlunsplit(urlsplit(server.admin_url)._replace(path="/timing"))
        await migrate(url, passwords=Passwords("login", "sync"))
        roles = Roles()
        database = Database(
            admin_url=url,
            login_url=with_user(url, user=roles.login, password="login", database="timing"),
            sync_url=with_user(url, user=roles.sync, password="sync", database="timing"),
            roles=roles,
        )
        store = await database.open_store()
        await measure(store)
        await store.close()
    finally:
        await server.stop()


async def measure(store: Store) -> None:
    await create_user(store, name="known", email=None, password="four unrelated words", is_admin=False)
    await create_user(store, name="without", email=None, password=None, is_admin=False)
    # Otherwise the eleventh would not be looked at.
    tries.PER_ACCOUNT = tries.ALL = tries.parse("1000000 per 5 minutes")
    app = create_app(dependencies(open_parts(store)))
    # In turns, so that whatever slows the machine slows all of them.
    took: dict[str, list[float]] = {"known": [], "unknown": [], "without": []}
    for at in range(ROUNDS + 5):
        for name, times in took.items():
            transport = httpx.ASGITransport(app, client=(f"10.{at // 250}.{at % 250}.{len(name)}", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
                begun = time.perf_counter()
                answer = await browser.post("/auth/sign-in", json={"name": name, "password": "not the right one"})
                times.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 401, answer.text
    medians = {name: statistics.median(times[5:]) for name, times in took.items()}
    for name, median in medians.items():
        apart = (median / medians["known"] - 1) * 100
        print(f"{name:8} median {median:6.1f} ms  {apart:+.1f} %  of {ROUNDS}")


if __name__ == "__main__":
    asyncio.run(main())
