"""The sources of the version before: kept here as an archive, because a clone in CI may have no history and no tags."""

import lzma
import re
import subprocess
import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).parent / "sources.tar.xz"
_REVISION = re.compile(r"src/watchglass/store/migrations/versions/([0-9]\w*?)_\w+\.py")


def record(commit: str, into: Path = ARCHIVE) -> None:
    """Keep the sources of a commit or tag."""
    made = subprocess.run(["git", "archive", commit, "src/watchglass"], check=True, capture_output=True)
    into.write_bytes(lzma.compress(made.stdout, preset=9 | lzma.PRESET_EXTREME))


def unpack(into: Path, archive: Path = ARCHIVE) -> Path:
    """Return what has to stand first in PYTHONPATH."""
    with tarfile.open(archive) as held:
        held.extractall(into, filter="data")
    return into / "src"


def newest_revision(archive: Path = ARCHIVE) -> str:
    """Of the schema that these sources know."""
    with tarfile.open(archive) as held:
        return max(found[1] for name in held.getnames() if (found := _REVISION.fullmatch(name)))
