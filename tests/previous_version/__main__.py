"""The version before on today's schema.

python -m tests.previous_version COMMIT …       try these, one after the other
python -m tests.previous_version --record TAG   after a release: keep its sources for the test that always runs
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.previous_version.sources import newest_revision, record

TEST = "tests/acceptance/test_previous_version.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.previous_version", description=__doc__)
    parser.add_argument("commits", nargs="*", help="commits or tags to try on today's schema")
    parser.add_argument("--record", help="a commit or tag whose sources are kept")
    given = parser.parse_args()
    if given.record:
        record(given.record)
        print(f"kept: {given.record}, which knows the schema up to {newest_revision()}")
    results = [_try(commit) for commit in given.commits]
    return max(results, default=0)


def _try(commit: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "sources.tar.xz"
        record(commit, archive)
        print(f"{commit}: knows the schema up to {newest_revision(archive)}", flush=True)
        env = {**os.environ, "PREVIOUS_VERSION": str(archive)}
        return subprocess.run([sys.executable, "-m", "pytest", "-q", "-s", TEST], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
