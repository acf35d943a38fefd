"""`watchglass migrate`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from watchglass.cli.database import prepare_database
from watchglass.cli.secret_key import make_secret_key
from watchglass.config import Settings
from watchglass.embedded.private import make_private_directory
from watchglass.errors import InvalidInput


def migrate(
    data_dir: Annotated[Path | None, typer.Option(help="Where the passwords of the database roles are kept.")] = None,
) -> None:
    """Make or update tables and roles in the database that WATCHGLASS_ADMIN_DATABASE_URL names."""
    settings = Settings.read(data_dir=data_dir)
    if settings.admin_database_url is None:
        raise InvalidInput("Set WATCHGLASS_ADMIN_DATABASE_URL to the role that owns the database.")
    make_private_directory(settings.data_dir)
    make_secret_key(settings)
    asyncio.run(prepare_database(settings, settings.data_dir))
    print("The database is up to date.")
