"""A backup is one ZIP file that says itself what it holds.

    rows.dump       every row of every table, as `pg_dump --data-only` writes it; no roles, passwords or tables
    temporal.db     of an installation that runs its own Temporal: that one's database, as SQLite copies it
    secret-key      only when it was asked for
    manifest.json   written last: version, schema, what each table holds, and the SHA-256 of each file above

The list of a ZIP's files is at its end, so a file that was cut off has none.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from watchglass.errors import InvalidInput, StartupError
from watchglass.store.digests import TableDigest
from watchglass.store.schema import head_revision, known_revisions

FORMAT = 1
ROWS = "rows.dump"
TEMPORAL = "temporal.db"
SECRET_KEY = "secret-key"  # noqa: S105 - the name of a file
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    watchglass: str
    revision: str
    postgres: int
    """The major version of the server that it was taken from."""
    made_at: str
    """UTC, as ISO 8601 writes it."""
    tables: Mapping[str, TableDigest]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


class ArchiveWriter:
    """Writes a backup, one file after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digests: dict[str, str] = {}

    @contextmanager
    def file(self, name: str) -> Iterator["DigestingFile"]:
        """The next file, to be written."""
        with self._archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as opened:
            digesting = DigestingFile(opened)
            yield digesting
        self._digests[name] = digesting.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        told = {"format": FORMAT, **asdict(manifest), "files": self._digests}
        self._archive.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(told, indent=2))


class DigestingFile:
    """A file that is written and digested at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def write_archive(path: Path) -> Iterator[ArchiveWriter]:
    """A new backup at `path`, readable by its owner alone; whole or not there at all.

    Raises:
        InvalidInput: there is such a file.
        StartupError: it cannot be written.
    """
    if path.exists():
        raise InvalidInput(f"There is a file {path} already. Give another name: a backup is never overwritten.")
    draft = path.with_name(f"{path.name}.unfinished")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                yield ArchiveWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise StartupError(f"The backup cannot be written to {path}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)


class Archive:
    """A backup that was found whole."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, names: frozenset[str]) -> None:
        self._archive = archive
        self.manifest = manifest
        self.names = names

    def copy(self, name: str, into: IO[bytes]) -> None:
        with self._archive.open(name) as source:
            while chunk := source.read(_CHUNK):
                into.write(chunk)

    def text(self, name: str) -> str:
        return self._archive.read(name).decode().strip()


@contextmanager
def read_archive(path: Path) -> Iterator[Archive]:
    """The backup at `path`, every byte of which was looked at.

    Raises:
        InvalidInput: it is no backup, is not whole, or comes from a newer Watchglass.
    """
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {path}.") from error
    except OSError as error:
        raise InvalidInput(f"The file {path} cannot be read: {error.strerror or error}.") from error
    except zipfile.BadZipFile as error:
        raise InvalidInput(
            f"{path} is not a backup of Watchglass, or only the beginning of one: it has no table of contents. "
            "Was it copied to its end?"
        ) from error
    with archive:
        told = _manifest(path, archive)
        manifest = _understood(path, told)
        _check_files(path, archive, told["files"])
        yield Archive(archive, manifest, frozenset(told["files"]))


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    foreign = InvalidInput(f"{path} is a ZIP file, but not a backup that `watchglass backup` has written.")
    try:
        if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
            raise foreign
        told = json.loads(archive.read(_MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise foreign from error
    if not isinstance(told, dict) or not isinstance(told.get("format"), int):
        raise foreign
    return told


def _understood(path: Path, told: Mapping[str, Any]) -> Manifest:
    newer = told["format"] > FORMAT
    try:
        manifest = Manifest(
            watchglass=str(told["watchglass"]),
            revision=str(told["revision"]),
            postgres=int(told["postgres"]),
            made_at=str(told["made_at"]),
            tables={str(name): TableDigest(**table) for name, table in told["tables"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if not newer:
            raise InvalidInput(f"The list of contents in {path} is damaged; use another backup.") from error
        manifest = None
    if manifest is None or newer or manifest.revision not in known_revisions():
        by = f"Watchglass {told.get('watchglass', '')}".strip()
        raise InvalidInput(
            f"{path} was made by a newer version ({by}, schema {told.get('revision', 'unknown')}); this one knows "
            f"schemas up to {head_revision()}. Restore it with that version or a later one."
        )
    return manifest


def _check_files(path: Path, archive: zipfile.ZipFile, expected: object) -> None:
    damaged = InvalidInput(f"{path} is damaged: what is in it is not what was written. Use another copy or backup.")
    if not isinstance(expected, dict) or ROWS not in expected:
        raise damaged
    for name, digest in expected.items():
        found = hashlib.sha256()
        try:
            with archive.open(name) as source:
                while chunk := source.read(_CHUNK):
                    found.update(chunk)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise damaged from error
        if found.hexdigest() != digest:
            raise damaged
