import os
from pathlib import Path

import pytest
from tests.servers import run_python

from watchglass.embedded.lock import DirectoryLock
from watchglass.errors import StartupError

_HOLD = """
import sys
from pathlib import Path
from watchglass.embedded.lock import DirectoryLock
DirectoryLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


class TestDirectoryLock:
    def test_a_second_owner_is_refused_by_name(self, data_dir: Path) -> None:
        with DirectoryLock(data_dir), pytest.raises(StartupError, match=f"in use by process {os.getpid()}"):
            DirectoryLock(data_dir).acquire()

    def test_released_it_can_be_taken_again(self, data_dir: Path) -> None:
        with DirectoryLock(data_dir):
            pass
        with DirectoryLock(data_dir):
            pass

    def test_a_killed_owner_holds_nothing(self, data_dir: Path) -> None:
        with run_python(_HOLD, str(data_dir)) as owner:
            assert owner.stdout is not None
            assert owner.stdout.readline() == b"held\n"
            with pytest.raises(StartupError, match=f"process {owner.pid}"):
                DirectoryLock(data_dir).acquire()
            owner.kill()
            owner.wait()
            with DirectoryLock(data_dir):
                pass

    def test_a_place_that_cannot_be_a_directory_is_named(self, data_dir: Path) -> None:
        (data_dir / "file").write_text("in the way")
        with pytest.raises(StartupError, match=r"file/inside is not writable .*--data-dir"):
            DirectoryLock(data_dir / "file" / "inside").acquire()
