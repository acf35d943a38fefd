"""Who can look into what Watchglass keeps."""

import os
from pathlib import Path

from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.private import make_private_directory


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_data_directory_cannot_be_listed_by_others(tmp_path: Path) -> None:
    with DirectoryLock(tmp_path / "data"):
        assert mode(tmp_path / "data") == (0o711 if os.geteuid() == 0 else 0o700)
        assert mode(tmp_path / "data" / "lock") == 0o600


def test_a_directory_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_directory(tmp_path)
    assert mode(tmp_path) == 0o755
