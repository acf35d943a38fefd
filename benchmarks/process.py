"""What a process costs: its time on the clock and on the processors."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """In seconds."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"cost {self.wall} {self.cpu}"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """What `str` wrote."""
        word, wall, cpu = line.split()
        if word != "cost":
            raise ValueError(f"not a cost: {line!r}")
        return cls(float(wall), float(cpu))


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment in the life of this process."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Self:
        return cls(time.perf_counter(), time.process_time())

    def spent(self) -> Cost:
        """What has been spent since then."""
        return Cost(time.perf_counter() - self.wall, time.process_time() - self.cpu)


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that did its work."""

    whole: Cost
    after_imports: Cost
    lines: Sequence[str]
    """What it printed before the line that says its cost."""


async def run_marked(arguments: Sequence[str], env: Mapping[str, str]) -> Ended:
    """Run `python -m ARGUMENTS…`, whose last line is its cost after its imports."""
    return await asyncio.to_thread(_run_marked, [sys.executable, "-m", *arguments], env)


def _run_marked(command: Sequence[str], env: Mapping[str, str]) -> Ended:
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(env), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    with process.stdout:
        lines = process.stdout.read().splitlines()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"`{' '.join(command[1:3])}` ended with {process.returncode}: {lines}")
    return Ended(Cost(wall, used.ru_utime + used.ru_stime), Cost.from_line(lines[-1]), lines[:-1])


def median_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the ratios of neighbours, so that a slow minute weighs on both sides of each."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def cpu_of_family(pid: int) -> float:
    """What a running process and its children have used so far, those that have ended and were waited for included."""
    try:
        after_name = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        tasks = [(task / "children").read_text() for task in Path("/proc", str(pid), "task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # It has just ended: its parent has its time.
    children = [int(child) for line in tasks for child in line.split()]
    return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_of_family, children))


def busy_seconds() -> float:
    """What all processes of this machine have used of its processors so far."""
    counts = [int(count) for count in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _waiting, *interrupts = counts[:8]
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """What a running process has used so far, as Linux counts it (to a hundredth of a second)."""
    after_name = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
