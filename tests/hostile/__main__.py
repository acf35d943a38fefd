"""`python -m tests.hostile [--every N] [--report FILE]`: the whole matrix of hostile values, with its figures."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Collection
from pathlib import Path

from playwright.async_api import async_playwright
from tests.browser import FLAGS, find_browser, use_our_node
from tests.hostile.matrix import PARTS, run_matrix
from tests.hostile.payloads import LARGE, PAYLOADS, size_of_corpus
from tests.hostile.report import Report
from tests.hostile.texts import TEXTS
from tests.hostile.up import started


async def prove(share: slice, parts: Collection[str], longest_seconds: float | None) -> Report:
    use_our_node()
    async with async_playwright() as playwright, started() as up:
        program = find_browser(playwright)
        if program is None:
            sys.exit("There is no browser; see 'Browser tests' in CONTRIBUTING.md.")
        browser = await playwright.chromium.launch(
            executable_path=program.path, args=list(FLAGS), env={**os.environ, **program.env}
        )
        names = list(PAYLOADS)[share]
        return await run_matrix(
            up,
            browser,
            list(TEXTS.values())[share],
            {name: PAYLOADS[name] for name in names},
            LARGE,
            parts,
            longest_seconds,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every N-th value")
    parser.add_argument("--first", type=int, default=0, help="of those, from the K-th on, counted from 0")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, help="these parts, after planting and copying"
    )
    parser.add_argument(
        "--minutes", type=float, help="break off after so many, which is a fault, and tell what there is"
    )
    parser.add_argument("--report", type=Path, help="a file for the figures as JSON")
    given = parser.parse_args()
    began = time.monotonic()
    report = asyncio.run(prove(slice(given.first, None, given.every), given.only, given.minutes and given.minutes * 60))
    lines = [f"corpus     {size_of_corpus()} values", *report.lines(), f"took       {time.monotonic() - began:.0f} s"]
    print(*lines, *report.faults, f"{len(report.faults)} faults", sep="\n")
    if given.report:
        given.report.write_text(json.dumps({"lines": lines, "faults": report.faults}, indent=1))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
