"""Where the parts of a running `up` are, for the commands that are typed beside it.

Kept in the data directory while `up` runs, readable by its owner alone because the addresses hold passwords. Settings
in the environment win.
"""

import dataclasses
import json
from pathlib import Path

from watchglass.cli.database import DatabaseUrls, named_urls
from watchglass.config import Settings
from watchglass.embedded.secret import write_private
from watchglass.errors import StartupError

_FILE = "running.json"


@dataclasses.dataclass(frozen=True, slots=True)
class Running:
    """The addresses of one running installation."""

    login_url: str
    sync_url: str
    control_address: str
    control_namespace: str
    page_url: str | None
    """For programs on this machine."""
    token: str | None = None
    """Of the local owner, for the workers of projects."""
    project_id: str | None = None
    """The first project: what is meant where none is named."""
    public_url: str | None = None
    """Where people's browsers find the page."""

    def to_environment(self) -> dict[str, str]:
        """Return the settings for a part that runs on its own. The administrator's URL is taken out of them."""
        return {
            "WATCHGLASS_ADMIN_DATABASE_URL": "",
            "WATCHGLASS_DATABASE_URL": self.login_url,
            "WATCHGLASS_SYNC_DATABASE_URL": self.sync_url,
            "WATCHGLASS_CONTROL_TEMPORAL_ADDRESS": self.control_address,
            "WATCHGLASS_CONTROL_TEMPORAL_NAMESPACE": self.control_namespace,
        }

    @property
    def urls(self) -> DatabaseUrls:
        return DatabaseUrls(login=self.login_url, sync=self.sync_url)


def write_running(data_dir: Path, running: Running) -> None:
    write_private(data_dir / _FILE, json.dumps(dataclasses.asdict(running)))


def forget_running(data_dir: Path) -> None:
    (data_dir / _FILE).unlink(missing_ok=True)


def find_running(settings: Settings) -> Running:
    """Return the installation that the settings name, or the one that runs on the data directory.

    Raises:
        StartupError: there is neither.
    """
    urls = named_urls(settings, settings.data_dir)
    found = running_on(settings.data_dir)
    if urls is None and found is None:
        raise StartupError(
            f"No Watchglass runs on the data directory {settings.data_dir}. Start it with `watchglass up`, "
            "or name a database with WATCHGLASS_DATABASE_URL."
        )
    return Running(
        login_url=urls.login if urls else found.login_url if found else "",
        sync_url=urls.sync if urls else found.sync_url if found else "",
        control_address=settings.control_temporal_address or (found.control_address if found else ""),
        control_namespace=settings.control_temporal_namespace,
        page_url=found.page_url if found else None,
        token=found.token if found else None,
        project_id=found.project_id if found else None,
        public_url=found.public_url if found else None,
    )


def running_on(data_dir: Path) -> Running | None:
    """The installation that runs on the data directory, if one does."""
    try:
        return Running(**json.loads((data_dir / _FILE).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError) as error:
        raise StartupError(
            f"The file {data_dir / _FILE} cannot be read ({error}). Start `watchglass up` again to write it anew."
        ) from error
