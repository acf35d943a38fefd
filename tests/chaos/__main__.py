"""`python -m tests.chaos --minutes 30 --seeds 10 [--report FILE]`: the long storm."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import structlog
from tests.chaos.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="of all storms together")
    parser.add_argument("--seeds", type=int, default=1, help="how many storms, each with a seed of its own")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="a file for the report as JSON")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    reports = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        report = asyncio.run(storm(seed=seed, seconds=given.minutes * 60 / given.seeds))
        reports.append(report)
        print(*report.lines(), sep="\n", flush=True)
        if given.report:
            given.report.write_text(json.dumps([asdict(one) for one in reports], indent=1))
    slowest = max((one.converged_seconds or 0.0 for one in reports), default=0.0)
    right = sum(one.is_right for one in reports)
    print(
        f"{right} of {len(reports)} storms right, {sum(one.faults for one in reports)} faults, slowest {slowest:.1f} s"
    )
    return 0 if right == len(reports) else 1


if __name__ == "__main__":
    sys.exit(main())
