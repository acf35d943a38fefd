"""`python -m tests.mutants [--only WORD] [--report FILE]`: plant each fault in a copy of the sources and run its tests.

A fault that no test notices has survived: then the command ends with 1.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, SOURCES, Mutant

ROOT = SOURCES.parents[1]
_TEST_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name has this word")
    parser.add_argument("--report", type=Path, help="a file for the report as JSON")
    given = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if given.only in mutant.name]
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    if not _passes(tests, SOURCES.parent):
        print("The tests fail without any fault; nothing can be said about the faults.")
        return 2
    results = []
    for mutant in chosen:
        began = time.monotonic()
        caught = _is_caught(mutant)
        seconds = round(time.monotonic() - began, 1)
        results.append({"name": mutant.name, "caught": caught, "seconds": seconds, "tests": mutant.tests})
        print(f"{'caught  ' if caught else 'SURVIVED'} {seconds:6.1f} s  {mutant.name}", flush=True)
        if given.report:
            given.report.write_text(json.dumps(results, indent=1))
    survived = sum(not result["caught"] for result in results)
    print(f"{len(results) - survived} of {len(results)} caught")
    return 1 if survived else 0


def _is_caught(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory(prefix="watchglass-mutant-") as directory:
        copy = Path(directory) / "src"
        shutil.copytree(SOURCES.parent, copy, ignore=shutil.ignore_patterns("__pycache__", "_web"))
        Path(directory).chmod(0o755)
        file = copy / "watchglass" / mutant.file
        file.write_text(mutant.planted(file.read_text()))
        return not _passes(mutant.tests, copy)


def _passes(tests: Sequence[str], sources: Path) -> bool:
    done = subprocess.run(
        # The sources given here come before those that pytest's own settings name.
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-o", f"pythonpath={sources} .", *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{sources}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=_TEST_SECONDS,
        check=False,
    )
    # A fixture that could not be made says nothing of the fault.
    if done.returncode not in (0, 1) or (done.returncode == 1 and "\nFAILED " not in done.stdout):
        raise RuntimeError(f"pytest could not run {tests}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
