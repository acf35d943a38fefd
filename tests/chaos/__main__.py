"""`python -m tests.chaos --minutes 30 --seeds 10 [--seed 1] [--report FILE]`: storms, one seed after the other.

Exit code 1 when anything was lost, doubled, wrong, stuck, or answered wrongly, or totals drifted.
"""

import argparse
import asyncio
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path

import structlog
from tests.chaos.report import summary
from tests.chaos.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="of all storms together")
    parser.add_argument("--seeds", type=int, default=1, help="how many storms, each with a seed of its own")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--report", type=Path, help="a file for the report as JSON")
    parser.add_argument("--logs", type=Path, help="a directory for the logs of storms that were not right, or late")
    given = parser.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    reports = []
    for seed in range(given.seed, given.seed + given.seeds):
        report = asyncio.run(storm(seed=seed, seconds=given.minutes * 60 / given.seeds, logs=given.logs))
        reports.append(report)
        print(*report.lines(), sep="\n", flush=True)
        if given.report:
            given.report.write_text(json.dumps([asdict(one) for one in reports], indent=1))
    print(*summary(reports), sep="\n")
    return 0 if all(one.is_right for one in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
