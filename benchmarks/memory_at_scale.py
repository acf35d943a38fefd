"""*Memory* of `watchglass api` that has answered every list and statistic of the filled database."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
from tests.acceptance.running import Running, clean_environment

from benchmarks.figure import Figure
from benchmarks.generate.database import filled_database
from benchmarks.generate.fill import sign_in
from benchmarks.memory import resident
from benchmarks.place import Place
from benchmarks.statistics_speed import every_question
from watchglass.embedded.ports import free_port

_MOST_MB = 250
_ROUNDS = 3
_CLIENTS = 4
"""Of each tenant, at the same time."""
_IN_ORDER = (200, 408, 429, 503)
"""An answer, or a sentence: took too long, too often, too much at once."""


async def measure_memory_at_scale(place: Place, scale: float) -> list[Figure]:
    installation, filled = await filled_database(place, scale)
    async with installation.open_store() as store:
        asked = [
            (await sign_in(store, number), [entry async for entry in every_question(store, filled.projects[number])])
            for number in (0, len(filled.projects) - 1)
        ]
    environment = clean_environment(**installation.environment() | {"WATCHGLASS_LOG_LEVEL": "info"})
    with Running("--port", str(free_port()), env=environment, command="api") as running:
        url = (await asyncio.to_thread(running.wait_for, "serving"))["url"]
        before = resident(running.process.pid)["Rss"]
        counts = await asyncio.gather(
            *(_ask(url, token, questions) for token, questions in asked for _ in range(_CLIENTS))
        )
        sizes = resident(running.process.pid)
    note = (
        f"{sum(counts):,} answers of lists and statistics to {2 * _CLIENTS} clients, {filled.executions:,} executions; "
        f"{before:.0f} MB before the first"
    )
    what = "api, with all of it (RSS), after lists and statistics"
    return [Figure("memory", what, sizes["Rss"], "MB", most=_MOST_MB, note=note)]


async def _ask(url: str, token: str, questions: Sequence[tuple[str, dict[str, Any]]]) -> int:
    """How many were answered; the others were too many at once, or took too long."""
    answered = 0
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120, trust_env=False) as client:
        for _ in range(_ROUNDS):
            for procedure, given in questions:
                answer = await client.get(f"trpc/{procedure}", params={"input": json.dumps(given)})
                if answer.status_code not in _IN_ORDER:
                    raise RuntimeError(f"{procedure} {given}: {answer.status_code} {answer.text}")
                answered += answer.status_code == 200
    return answered
