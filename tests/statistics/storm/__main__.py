"""`python -m tests.statistics.storm --syncs 20000 [--seed 1] [--report FILE]`: figures, kept while processes die.

Exit code 1 when a figure, a history or a row was not what it has to be.
"""

import argparse
import asyncio
import json
import logging
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog
from tests.databases import database_on
from tests.servers import make_shared_directory
from tests.statistics.storm.report import Report
from tests.statistics.storm.storm import Plan, storm

from watchglass.embedded.postgres import EmbeddedPostgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.statistics.storm", description=__doc__)
    parser.add_argument("--syncs", type=int, default=20_000)
    parser.add_argument(
        "--seed", type=int, default=1, help="chooses what happens; when it does is the machine's choice"
    )
    parser.add_argument("--processes", type=int, default=8, help="that sync at the same time")
    parser.add_argument("--minutes", type=float, help="end by then, also with fewer syncs")
    parser.add_argument("--report", type=Path, help="a file for the report as JSON")
    given = parser.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seconds = given.minutes * 60 if given.minutes else None
    plan = Plan(seed=given.seed, syncs=given.syncs, processes=given.processes, most_seconds=seconds)
    report = asyncio.run(_storm(plan))
    print(*report.lines(), sep="\n")
    if given.report:
        given.report.write_text(json.dumps(report.as_json(), indent=1))
    return 0 if report.is_right else 1


async def _storm(plan: Plan) -> Report:
    directory = make_shared_directory()
    server = EmbeddedPostgres(directory)
    await server.start()
    try:
        async with database_on(server) as database:
            return await storm(plan, database, server, show=_show)
    finally:
        await server.stop()
        shutil.rmtree(directory)


def _show(line: str) -> None:
    print(datetime.now(UTC).strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
