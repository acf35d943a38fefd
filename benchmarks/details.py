"""*Details*: the first 200 components of a run of 50,000 events that is synced already."""

import time

from benchmarks.figure import Figure
from benchmarks.long_history import EVENTS, store_long_history
from benchmarks.process import cpu_seconds, percentile
from benchmarks.served import Served, ask
from watchglass.store.connections import all_connections
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

_CALLS = 200
_WARM_UP = 10


async def measure_details(served: Served, _scale: float) -> list[Figure]:
    """Timed by the one who asks, on the same machine: what the server takes is a little less."""
    async with served.installation.open_store() as store:
        parts = Parts(store, Clients())
        async with store.write() as reader:
            [connection] = await all_connections(reader)
        key = await store_long_history(parts, connection)
    times: list[float] = []
    async with served.client() as client:
        for number in range(_WARM_UP + _CALLS):
            if number == _WARM_UP:
                cpu = cpu_seconds(served.page_pid)
            began = time.perf_counter()
            answer = await ask(client, "execution.getExecutionDetails", executionId=str(key.id))
            times.append((time.perf_counter() - began) * 1000)
    cpu = cpu_seconds(served.page_pid) - cpu
    count = len(answer.json()["result"]["data"]["components"])
    took = times[_WARM_UP:]
    note = f"{count} of the components of {EVENTS:,} events, {_CALLS} calls one after another"
    return [
        Figure("details", "p95, asked over HTTP", percentile(took, 0.95), "ms", most=50, note=note),
        Figure("details", "median, asked over HTTP", percentile(took, 0.5), "ms"),
        Figure("details", "CPU of the server's process, each call", cpu / _CALLS * 1000, "ms"),
        Figure("details", "on the wire", answer.num_bytes_downloaded / 1000, "kB", most=300, note="compressed body"),
    ]
