"""`python -m tests.store.rls [--steps N] [--report FILE]`: Row Level Security with its figures.

Every rule of the catalogue, the whole matrix, every planted fault and, with --steps, that many random steps. Ends with
1 when anything is not as it should be.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import asyncpg
from tests.databases import Database, with_user
from tests.servers import make_shared_directory
from tests.store.rls.expected import FUNCTIONS, RELATIONS, Action, Caller
from tests.store.rls.lint import check_all
from tests.store.rls.matrix import Bench, function_findings, open_bench, relation_findings, undecided
from tests.store.rls.mutants import all_mutants, kill
from tests.store.rls.seed import seed
from tests.store.rls.tenants import search

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.logging import configure_logging
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords, Roles


async def _prove(report: Path | None, steps: int, *, is_all: bool) -> int:
    server = EmbeddedPostgres(make_shared_directory())
    await server.start()
    try:
        database = await _migrated(server.admin_url)
        is_proven = not is_all or await _is_proven(database, report)
        if steps:
            began = time.monotonic()
            # In a thread, because it has an event loop of its own.
            taken = await asyncio.to_thread(search, database, steps=steps)
            print(f"random steps of eight tenants: {taken}, no difference, {time.monotonic() - began:.0f} s")
        return 0 if is_proven else 1
    finally:
        await server.stop()


async def _migrated(server_url: str) -> Database:
    admin = await asyncpg.connect(server_url)
    await admin.execute("CREATE DATABASE proven")
    await admin.close()
    url = f"{server_url.rpartition('/')[0]}/proven"
    await migrate(url, passwords=Passwords("login-pw", "sync-pw"), roles=Roles())
    login, sync = (
        with_user(url, user=user, password=password, database="proven")
        for user, password in ((Roles().login, "login-pw"), (Roles().sync, "sync-pw"))
    )
    return Database(admin_url=url, login_url=login, sync_url=sync, roles=Roles())


async def _is_proven(database: Database, report: Path | None) -> bool:
    store = await database.open_store(size=2)
    try:
        seeded = await seed(store, database)
    finally:
        await store.close()
    async with open_bench(database, seeded) as bench:
        findings = await _rules(bench) + await _matrix(bench)
        results = await _mutants(Bench(database, seeded, bench.admin))
    if report:
        report.write_text(json.dumps(results, indent=1))
    survived = [result["name"] for result in results if not result["killed_by"]]
    for line in (*findings, *(f"survived: {name}" for name in survived)):
        print(line)
    return not findings and not survived


async def _rules(bench: Bench) -> list[str]:
    findings = []
    for checked in await check_all(bench.admin, bench.database):
        print(f"{checked.looked_at:6} looked at, {len(checked.broken_by)} findings: {checked.rule.name}")
        findings += [f"{checked.rule.name}: {what}" for what in checked.broken_by]
    return findings


async def _matrix(bench: Bench) -> list[str]:
    began = time.monotonic()
    findings = await undecided(bench.admin)
    for table in sorted(RELATIONS):
        findings += await relation_findings(bench, table)
    for signature in sorted(FUNCTIONS):
        findings += await function_findings(bench, signature)
    cells = len(Caller) * (len(RELATIONS) * len(Action) + len(FUNCTIONS))
    print(
        f"matrix: {len(RELATIONS)} relations x {len(Action)} actions and {len(FUNCTIONS)} functions x {len(Caller)} "
        f"callers = {cells} cells in {time.monotonic() - began:.1f} s, {len(findings)} findings"
    )
    return findings


async def _mutants(bench: Bench) -> list[dict[str, object]]:
    began = time.monotonic()
    results: list[dict[str, object]] = []
    killed, planted = Counter[str](), Counter[str]()
    likely: dict[str, str] = {}
    for mutant in await all_mutants(bench):
        by = await kill(bench, mutant, likely.get(mutant.kind, "").format(target=mutant.target))
        if by:
            likely[mutant.kind] = by.replace(mutant.target, "{target}")
        results.append({"name": mutant.name, "killed_by": by})
        planted[mutant.kind] += 1
        killed[mutant.kind] += bool(by)
    for kind, count in planted.items():
        print(f"{killed[kind]:5} of {count} noticed: {kind}")
    print(f"faults: {killed.total()} of {planted.total()} noticed in {time.monotonic() - began:.1f} s")
    return results


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.store.rls", description=__doc__)
    parser.add_argument("--report", type=Path, help="a file for the faults and the tests that notice them, as JSON")
    parser.add_argument("--steps", type=int, default=0, help="random steps of eight tenants; 10,000 take minutes")
    parser.add_argument("--steps-alone", action="store_true", help="nothing but the random steps")
    given = parser.parse_args()
    configure_logging(json_lines=False, level="warning")
    return asyncio.run(_prove(given.report, given.steps, is_all=not given.steps_alone))


if __name__ == "__main__":
    sys.exit(main())
