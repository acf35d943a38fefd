"""`python -m tests.fuzz [TARGET …] [--seconds N | --runs N] [--seed N]`: feed what reads input what nobody would write.

Each target runs in a process of its own, because libFuzzer ends its process. The inputs grow from seeds that stand in
the repository, by coverage of our own code; with `--runs` and one seed they are the same every time.
"""

import argparse
import re
import subprocess
import sys

NAMES = ("payload", "history", "scope", "graph-file", "expression", "requests")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", help="which; all of them when none is named")
    parser.add_argument("--seconds", type=int, default=15, help="of each target")
    parser.add_argument("--runs", type=int, help="of each target, instead of a time")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    failed = 0
    for name in given.target or NAMES:
        code, told = fuzz_apart(name, seconds=given.seconds, runs=given.runs, seed=given.seed)
        print(f"{name:<11} {summary(told)}" if code == 0 else f"{name:<11} FAILED\n{told}", flush=True)
        failed += code != 0
    return 1 if failed else 0


def fuzz_apart(name: str, *, seconds: int, runs: int | None, seed: int) -> tuple[int, str]:
    """Run one target in its own process: exit code, and what it said."""
    bound = f"-max_total_time={seconds}" if runs is None else f"-runs={runs}"
    command = [sys.executable, "-m", "tests.fuzz.inside", name, bound, f"-seed={seed}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


def summary(told: str) -> str:
    """Inputs, how fast, and how much of the code they reached, from what libFuzzer says."""
    done = re.search(r"Done (\d+) runs in (\d+) second", told)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", told)
    if done is None:
        return "did not say"
    cover = f", {int(reached[-1][0]):,} places reached, {reached[-1][2]} inputs kept" if reached else ""
    return f"{int(done[1]):>9,} inputs in {done[2]} s{cover}"


if __name__ == "__main__":
    sys.exit(main())
