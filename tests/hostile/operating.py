"""Hostile values on the command line: what it prints of runs, and what it makes of them as its own arguments."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.hostile.commands import Said
from tests.hostile.up import Compared, Up, truth

from watchglass.parse.export import event_json


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


async def operate(up: Up, compared: Compared, texts: Sequence[str]) -> Operated:
    """Export and inspect every run, and call the commands that take ids with every text."""
    assert up.commands is not None
    operated = Operated()
    file = up.directory / "history.json"
    at = ("--data-dir", str(up.directory))
    sync = ("sync", "--wait", "--connection", up.connection_id)
    for run, execution_id in compared.ids.items():
        what = f"history of {compared.runs_by_id[run].workflow_id[:60]!r}"
        said = operated.hear(what, await up.commands.run("history", execution_id, *at), must=True)
        events = [event_json(event) for event in await truth(up.client, compared.runs_by_id[run])]
        if said.code == 0 and json.loads(said.out)["events"] == events:
            operated.exported += 1
        else:
            operated.altered.append(what)
        await asyncio.to_thread(file.write_text, said.out)
        operated.hear(f"inspect, {what}", await up.commands.run("inspect", str(file)), must=True)
        told = operated.hear(
            f"inspect --json, {what}", await up.commands.run("inspect", "--json", str(file)), must=True
        )
        if told.code == 0:
            json.loads(told.out)
    for text in texts:
        if "\x00" in text:
            # No program can be given such an argument.
            continue
        what = f"{text[:60]!r}"
        query = f"WorkflowId = {json.dumps(text, ensure_ascii=False)}"
        said = operated.hear(f"sync of {what}", await up.commands.run(*sync, f"--query={query}", *at))
        operated.copied += said.code == 0
        operated.hear(f"sync --query {what}", await up.commands.run(*sync, f"--query={text}", *at))
        operated.hear(f"sync --connection {what}", await up.commands.run("sync", f"--connection={text}", *at))
        operated.hear(f"history {what}", await up.commands.run("history", *at, "--", text))
        operated.hear(f"inspect {what}", await up.commands.run("inspect", "--", text))
    return operated
