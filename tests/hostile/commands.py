"""Commands of `watchglass`, thousands of them, in a few processes that they leave as they found them.

`python -m tests.hostile.commands` reads a JSON list of arguments a line, runs each through the command line's own
entry, and answers each with a line of JSON. A process for each would spend nearly all of its time on starting.
"""

import asyncio
import json
import sys
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

AT_ONCE = 3
"""Processes."""
_LONGEST = 256 * 1024 * 1024
_LONGEST_SECONDS = 300
BUG = ("Traceback", "This is a bug")


@dataclass(frozen=True)
class Said:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    def faults(self) -> list[str]:
        """What no command may say, whatever it was told: a bug, or characters that command a terminal."""
        found = [f"a bug: {self.err[-400:]}"] if any(words in self.err for words in BUG) else []
        if self.code not in (0, 1, 2):
            found.append(f"ended with {self.code}")
        if self.code and not self.err.strip():
            found.append("failed without a sentence")
        return found + [
            f"a bare {character!r} in {text[:80]!r}"
            for text in (self.out, self.err)
            for character in sorted({c for c in text if _commands(c)})
        ]


def _commands(character: str) -> bool:
    """Would it move the cursor, colour the screen, or turn text around?"""
    if character in "\n\t":
        return False
    return (
        unicodedata.category(character) == "Cc"
        or character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


@dataclass
class Commands:
    """Processes that run commands, each one after the other."""

    idle: asyncio.Queue[asyncio.subprocess.Process]

    async def run(self, *arguments: str) -> Said:
        process = await self.idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(arguments).encode() + b"\n")
        await process.stdin.drain()
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            process.kill()
            raise
        self.idle.put_nowait(process)
        assert line, f"{arguments!r} ended the process"
        return Said(**json.loads(line))


@asynccontextmanager
async def commands(environment: Mapping[str, str]) -> AsyncIterator[Commands]:
    processes: list[asyncio.subprocess.Process] = []
    idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    try:
        for _ in range(AT_ONCE):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.hostile.commands"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=dict(environment),
                limit=_LONGEST,
            )
            processes.append(process)
            idle.put_nowait(process)
        yield Commands(idle)
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


def _serve() -> None:
    from watchglass.cli.main import run  # noqa: PLC0415 - only the process that runs them needs it
    from watchglass.cli.whole import whole  # noqa: PLC0415

    answers = whole(sys.stdout)
    for line in sys.stdin:
        arguments: Sequence[str] = json.loads(line)
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(list(arguments))
        answers.write(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
