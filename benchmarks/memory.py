"""*Memory* of the page's process and of the worker's, after everything else has been measured."""

from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.served import Served

_MOST_MB = 250


async def measure_memory(served: Served, _scale: float) -> list[Figure]:
    return [*_figures("api", served.page_pid), *_figures("worker", served.worker_pid)]


def _figures(name: str, pid: int) -> list[Figure]:
    sizes = resident(pid)
    return [
        Figure("memory", f"{name}, with its share of what is shared (PSS)", sizes["Pss"], "MB", most=_MOST_MB),
        Figure("memory", f"{name}, with all of it (RSS)", sizes["Rss"], "MB", most=_MOST_MB),
    ]


def resident(pid: int) -> dict[str, float]:
    """Sizes in MB (10^6 bytes), as Linux names them."""
    lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()[1:]
    named = (line.split(":", 1) for line in lines)
    return {name: int(size.split()[0]) * 1024 / 1e6 for name, size in named}
