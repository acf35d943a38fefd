"""`python -m benchmarks.generate --data-dir DIR`: fill a database there, which the benchmarks then use."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.generate.database import filled_database
from benchmarks.generate.fill import Filled
from benchmarks.place import open_place
from watchglass.cli.main import leave
from watchglass.logging import configure_logging


def main(
    data_dir: Annotated[Path, typer.Option(help="Where the servers keep their data.")],
    scale: Annotated[float, typer.Option(help="1: a million executions, ten million component executions.")] = 0.05,
) -> None:
    """Fill it and say what was made."""
    configure_logging(json_lines=False, level="warning")
    made = asyncio.run(_fill(data_dir, scale))
    print(
        f"{made.executions:,} executions and {made.components:,} component executions of "
        f"{len(made.projects)} projects: {made.through_store:,} through the store in {made.store_seconds:.1f} s, "
        f"the rest copied in the database in "
        f"{made.bulk_seconds:.1f} s, rolled up in {made.rebuild_seconds:.1f} s."
    )
    leave(0)


async def _fill(data_dir: Path, scale: float) -> Filled:
    async with open_place(data_dir) as place:
        return (await filled_database(place, scale))[1]


if __name__ == "__main__":
    typer.run(main)
