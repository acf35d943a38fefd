"""Write into a lock file what it was made from, so that a test can tell a stale one without asking any network."""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

MARK = "# made from: "


def digest_of_requirements(pyproject: Path) -> str:
    """Return the SHA-256 of what `pyproject.toml` asks for."""
    project = tomllib.loads(pyproject.read_text())["project"]
    asked = [project["requires-python"], project["dependencies"], project["optional-dependencies"]]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def main() -> None:
    lock = Path(sys.argv[1])
    lines = [line for line in lock.read_text().splitlines() if not line.startswith(MARK)]
    digest = digest_of_requirements(lock.with_name("pyproject.toml"))
    lock.write_text("\n".join([MARK + digest, *lines]) + "\n")


if __name__ == "__main__":
    main()
