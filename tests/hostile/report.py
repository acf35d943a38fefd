"""What came of the matrix: its figures, and everything that must not be."""

import asyncio
import sys
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.hostile.asking import Asked
from tests.hostile.looking import Looked
from tests.hostile.operating import Operated
from tests.hostile.planting import Planted
from tests.hostile.up import Compared, Up
from tests.hostile.writing import Written

_TOLD_EVERY_SECONDS = 20
_BUGS = frozenset(range(500, 600)) - {503}
"""503 says that Temporal does not answer in time. It is counted, asked again, and a fault where that does not help."""
_LONGEST = 3000
"""Characters of one fault, where it is told before the end."""


@dataclass
class Report:
    """Filled while the parts are at work: what one of them cannot go on with is a fault, and ends no other part."""

    up: Up
    texts: list[str]
    payloads: int
    parts: tuple[str, ...]
    planted: Planted = field(default_factory=Planted)
    compared: Compared = field(default_factory=Compared)
    ended: Compared = field(default_factory=Compared)
    """Runs that were ended from here."""
    written: Written = field(default_factory=Written)
    asked: Asked = field(default_factory=Asked)
    operated: Operated = field(default_factory=Operated)
    looked: Looked = field(default_factory=Looked)
    log: list[str] = field(default_factory=list)
    broken_off: list[str] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)
    _read: int = 0

    @asynccontextmanager
    async def part(self, name: str) -> AsyncIterator[None]:
        """Note how long it takes, and what it breaks off with."""
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            self.broken_off.append(f"{name}: {''.join(traceback.format_exception(error))}")
        self.took[name] = time.monotonic() - began
        print(f"{name} took {self.took[name]:.0f} s", file=sys.stderr, flush=True)

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Say on the way how far it is and what is wrong already: the whole takes long."""
        telling = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            self.read_log()

    async def _tell(self) -> None:
        began, already = time.monotonic(), set[str]()
        while True:
            await asyncio.sleep(_TOLD_EVERY_SECONDS)
            self.read_log()
            for fault in self.faults_so_far():
                if fault not in already:
                    already.add(fault)
                    print(fault[:_LONGEST], file=sys.stderr)
            print(
                f"{time.monotonic() - began:.0f} s: {len(self.planted.runs)} runs, {self.compared.runs} compared; "
                f"{self.written.told.answers} told; {self.operated.commands} commands; {self.asked.answers} asked; "
                f"{self.looked.pages} of {self.looked.to_look_at} pages, {self.looked.clicks} opened; "
                f"{len(already)} faults; {dict(sorted(self.statuses.items()))}",
                file=sys.stderr,
                flush=True,
            )

    def read_log(self) -> None:
        """Take up what it wrote since the last time."""
        lines = len(self.up.running.lines)
        self.log += self.up.problems_in_log(self._read, lines)
        self._read = lines

    @property
    def statuses(self) -> Counter[int]:
        return self.up.statuses

    @property
    def unseen(self) -> list[str]:
        return [text for text in self.texts if text not in self.looked.seen]

    def faults_so_far(self) -> Iterator[str]:
        told = self.written.told
        yield from (f"broke off: {what}" for what in self.broken_off)
        yield from (f"stuck: {what}" for what in (*self.compared.stuck, *self.ended.stuck))
        yield from (
            f"altered: {what!r}"
            for what in (*self.compared.altered, *self.ended.altered, *told.altered, *self.operated.altered)
        )
        yield from (
            f"broken: {what}" for what in (*told.broken, *self.asked.broken, *self.operated.broken, *self.looked.broke)
        )
        yield from (f"ran: {what}" for what in (*self.looked.ran, *self.looked.refused_requests))
        yield from (f"log: {line}" for line in self.log)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be; empty is what is promised."""
        return [
            *self.faults_so_far(),
            *(f"{count} answers of {status}" for status, count in self.statuses.items() if status in _BUGS),
            *(f"never copied: {run.workflow_id!r}" for run in self.planted.runs if run.run_id not in self.compared.ids),
            *(f"nothing was taken as: {name}" for name in self.written.told.never_taken()),
            *(f"never on a page: {text!r}" for text in self.unseen if self.looked.pages),
            *(
                f"no address of this kind was gone to: {route}"
                for route in sorted(self.looked.routes_there_are - self.looked.routes)
                if {"looking", "writing"} <= set(self.parts)
            ),
        ]

    def lines(self) -> Iterator[str]:
        told, looked, operated = self.written.told, self.looked, self.operated
        yield f"values     {len(self.texts)} texts, {self.payloads} payloads; {', '.join(self.parts)}"
        for name, values in self.planted.refused.items():
            yield f"           Temporal itself does not take {len(values)} of them as a {name}"
        yield (
            f"copied     {self.compared.runs} of {len(self.planted.runs)} runs, {self.compared.events:,} events, "
            f"{self.compared.components:,} steps; {len(self.compared.altered)} differ from Temporal's own history"
        )
        yield (
            f"written    {told.kept.total():,} came back as they were, {told.refused.total():,} were refused with a "
            f"sentence, {len(told.altered)} came back as something else"
        )
        for name in sorted(told.kept | told.taken | told.refused):
            yield (
                f"           {name}: {told.taken[name]:,} taken, {told.kept[name]:,} compared, "
                f"{told.refused[name]:,} refused"
            )
        yield (
            f"           {self.ended.runs} of {len(self.written.ended)} runs that were ended from here copied, "
            f"{len(self.ended.altered)} differ from Temporal's own history"
        )
        yield f"asked      {self.asked.answers:,} questions and addresses, {self.asked.fields} fields of queries"
        yield (
            f"commands   {operated.commands:,}; {operated.exported} histories exported and inspected, "
            f"{len(operated.altered)} differ; sync of {operated.copied} ids; {operated.refused:,} refused with a "
            "sentence"
        )
        yield (
            f"shown      {looked.pages:,} pages of {len(looked.routes)} kinds out of {len(looked.routes_there_are)}, "
            f"{looked.clicks:,} things opened, {looked.characters:,} characters; "
            f"{len(looked.seen)} of {len(self.texts)} texts read on them; {len(looked.ran)} scripts, dialogs, reports "
            f"or elements, {len(looked.refused_requests)} foreign requests, {len(looked.broke)} broke"
        )
        yield f"answers    {', '.join(f'{count:,} of {status}' for status, count in sorted(self.statuses.items()))}"
        yield f"log        {self._read:,} lines, {len(self.log)} that should not be there"
        yield f"seconds    {', '.join(f'{name} {seconds:.0f}' for name, seconds in self.took.items())}"
