"""Hostile values on the command line: what it prints of runs, and what it makes of them as its own arguments."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.hostile.commands import AT_ONCE, Said
from tests.hostile.up import Compared, Up, truth

from watchglass.parse.export import event_json

_IDS_OF_A_SYNC = 10


@dataclass
class Operated:
    commands: int = 0
    exported: int = 0
    """Histories that came back from `watchglass history` as Temporal has them."""
    copied: int = 0
    """Texts for which `watchglass sync` looked for the run of that id."""
    refused: int = 0
    altered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def hear(self, what: str, said: Said, *, must: bool = False) -> Said:
        self.commands += 1
        self.refused += said.code != 0
        self.broken += [f"{what}: {fault}" for fault in said.faults()]
        if must and said.code != 0:
            self.broken.append(f"{what}: {said.err[:300]}")
        return said


async def operate(up: Up, compared: Compared, texts: Sequence[str], operated: Operated) -> None:
    """Export and inspect every run, and call the commands that take ids with every text."""
    # No program can be given an argument with a NUL.
    given = [text for text in texts if "\x00" not in text]
    runs, left = iter(list(compared.ids.items())), iter(given)
    together = iter([given[start : start + _IDS_OF_A_SYNC] for start in range(0, len(given), _IDS_OF_A_SYNC)])

    async def some() -> None:
        for run, execution_id in runs:
            await _export(up, compared, run, execution_id, operated)
        for few in together:
            await _sync(up, few, operated)
        for text in left:
            await _name(up, text, operated)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())


async def _export(up: Up, compared: Compared, run: str, execution_id: str, operated: Operated) -> None:
    assert up.commands is not None
    file = up.directory / f"history-{execution_id}.json"
    what = f"history of {compared.runs_by_id[run].workflow_id[:60]!r}"
    said = operated.hear(
        what, await up.commands.run("history", execution_id, "--data-dir", str(up.directory)), must=True
    )
    events = [event_json(event) for event in await truth(up.client, compared.runs_by_id[run])]
    if said.code == 0 and json.loads(said.out)["events"] == events:
        operated.exported += 1
    else:
        operated.altered.append(what)
    await asyncio.to_thread(file.write_text, said.out)
    operated.hear(f"inspect, {what}", await up.commands.run("inspect", str(file)), must=True)
    told = operated.hear(f"inspect --json, {what}", await up.commands.run("inspect", "--json", str(file)), must=True)
    if told.code == 0:
        json.loads(told.out)
    await asyncio.to_thread(file.unlink)


async def _sync(up: Up, texts: Sequence[str], operated: Operated) -> None:
    """Copy the runs of those ids, anew."""
    assert up.commands is not None
    ids = ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)
    query = f"--query=WorkflowId IN ({ids})"
    said = operated.hear(f"sync of {ids[:200]}", await up.commands.run(*_copying(up), query))
    operated.copied += len(texts) if said.code == 0 else 0


async def _name(up: Up, text: str, operated: Operated) -> None:
    assert up.commands is not None
    at = ("--data-dir", str(up.directory))
    what = f"{text[:60]!r}"
    operated.hear(f"sync --query {what}", await up.commands.run(*_copying(up), f"--query={text}"))
    operated.hear(f"sync --connection {what}", await up.commands.run("sync", *at, f"--connection={text}"))
    operated.hear(f"history {what}", await up.commands.run("history", *at, "--", text))
    operated.hear(f"inspect {what}", await up.commands.run("inspect", "--", text))


def _copying(up: Up) -> tuple[str, ...]:
    return ("sync", "--wait", "--connection", up.connection_id, "--data-dir", str(up.directory))
