"""`watchglass` as a real process."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import watchglass

_SOURCES = str(Path(watchglass.__file__).parents[1])
"""Those that this process uses too, which may be a copy with a planted fault."""
START_SECONDS = 90
STOP_SECONDS = 30


def clean_environment(**settings: str) -> dict[str, str]:
    """Return our environment without any settings of Watchglass or Temporal but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WATCHGLASS_", "TEMPORAL_"))}
    return {**kept, "PYTHONPATH": _SOURCES, "PYTHONUNBUFFERED": "1", **settings}


class Running:
    """A `watchglass COMMAND …` and the log lines that it has written so far, as JSON unless they are for people."""

    def __init__(self, *arguments: str, env: Mapping[str, str], command: str = "up", for_people: bool = False) -> None:
        form = [] if for_people else ["--json-log"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "watchglass", command, *form, *arguments],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, event: str, **keys: object) -> dict[str, Any]:
        """Return the next log line with that event and those keys; fail with the whole log when it ends before."""
        while True:
            line = self._new.get(timeout=START_SECONDS)
            assert line is not None, f"ended without {event!r}:\n" + "\n".join(self.lines)
            found = json.loads(line) if line.startswith("{") else {}
            if found.get("event") == event and keys.items() <= found.items():
                return dict(found)

    def wait_for_text(self, text: str) -> str:
        """Return the next line that holds that text; fail with the whole log when it ends before."""
        while True:
            line = self._new.get(timeout=START_SECONDS)
            assert line is not None, f"ended without {text!r}:\n" + "\n".join(self.lines)
            if text in line:
                return line

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._new.put(line)
        self._new.put(None)


def refused(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run `watchglass up`, which has to end by itself, and return exit code and what it says on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "watchglass", "up", *arguments],
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return done.returncode, done.stderr.strip()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process by SIGSTOP for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def read_pid(file: Path) -> int:
    """Return the first number in a pid file."""
    return int(file.read_text().split()[0])
