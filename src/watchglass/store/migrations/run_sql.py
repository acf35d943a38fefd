"""Run the .sql file that stands beside a revision."""

import re
from pathlib import Path

from alembic import context, op

from watchglass.store.roles import Roles

_ROLE = re.compile(r"(?<!:):(owner|login|user|sync|definer)\b")


def run_sql(revision_file: str) -> None:
    """Run `revision_file` with the suffix .sql, role placeholders such as `:user` replaced by role names.

    The whole file is one script: it goes through the driver's simple protocol, because a prepared statement
    holds one command only.
    """
    roles: Roles = context.config.attributes["roles"]
    script = _ROLE.sub(lambda m: str(getattr(roles, m[1])), Path(revision_file).with_suffix(".sql").read_text("utf-8"))
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None
    driver.run_async(lambda connection: connection.execute(script))
