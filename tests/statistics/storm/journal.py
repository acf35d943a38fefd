"""What the processes of a storm did, a line each, in one file that survives whoever is killed."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any


class Journal:
    """To write into. Lines are short enough that those of several processes never mix."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, **said: Any) -> None:
        os.write(self._file, json.dumps(said).encode() + b"\n")


class Heard:
    """What has been written by now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.erasing: set[tuple[str, str]] = set()
        """Project, and the workflow id or run id of which somebody began to erase what there is."""
        self.erased: set[tuple[str, str]] = set()
        """Those of them that were erased to the end."""

    def listen(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            said = json.loads(line)
            if "wrong" in said:
                self.wrong.append(said["wrong"])
            for name, known in (("erasing", self.erasing), ("erased", self.erased)):
                if name in said:
                    known.add(tuple(said[name]))
            self.counts.update({name: n for name, n in said.items() if isinstance(n, int)})
