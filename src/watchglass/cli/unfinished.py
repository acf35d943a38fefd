"""A data directory that a restore was interrupted in: nobody takes the half of it for the whole."""

from pathlib import Path

from watchglass.embedded.secret import write_private
from watchglass.errors import StartupError

_MARK = "restore-unfinished"


def mark_unfinished(data_dir: Path) -> None:
    write_private(data_dir / _MARK, "")


def mark_finished(data_dir: Path) -> None:
    (data_dir / _MARK).unlink()


def is_unfinished(data_dir: Path) -> bool:
    return (data_dir / _MARK).exists()


def refuse_unfinished(data_dir: Path) -> None:
    """Raise StartupError when `data_dir` holds what an interrupted restore has left."""
    if is_unfinished(data_dir):
        raise StartupError(
            f"A restore into {data_dir} was interrupted, so only a part of the data is there. Run `watchglass restore` "
            "into it again, which begins anew, or choose another directory."
        )
