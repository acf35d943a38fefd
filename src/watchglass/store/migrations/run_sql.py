"""Run the .sql file that stands beside a revision."""

import re
from pathlib import Path

from alembic import context, op

from watchglass.store.roles import Roles

_ROLE = re.compile(r"(?<!:):(owner|login|user|sync|definer)\b")


def run_sql(revision_file: str) -> None:
    """Run `revision_file` with the suffix .sql, role placeholders such as `:user` replaced by role names.

    The whole file is one script in one transaction: it goes through the driver's simple protocol, because a prepared
    statement holds one command only. Its locks last until its end, so nothing in it may take long on a large table.
    """
    _execute(_script(revision_file))


def run_slowly(revision_file: str) -> None:
    """Run the statements of the .sql file one by one, each a transaction of its own, for as long as they take.

    For what works beside readers and writers on large tables (`CREATE INDEX CONCURRENTLY`, `VALIDATE CONSTRAINT`). A
    revision that was interrupted is run again from its first statement, so each of them must bear being repeated.
    """
    with op.get_context().autocommit_block():
        # Waiting is harmless here: what these statements wait for goes on meanwhile.
        _execute("SET lock_timeout = 0")
        _execute("SET statement_timeout = 0")
        for statement in statements(_script(revision_file)):
            _execute(statement)
        for name, milliseconds in context.config.attributes["timeouts"].items():
            _execute(f"SET {name}_timeout = {milliseconds}")


def statements(script: str) -> list[str]:
    """The statements of a script without function bodies, each of which ends with `;` at the end of a line."""
    if "$$" in script:
        raise ValueError("A script that defines functions cannot be taken apart: run it whole.")
    code = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return [part.strip() for part in re.split(r";[ \t]*(?:\n|$)", code) if part.strip()]


def _script(revision_file: str) -> str:
    roles: Roles = context.config.attributes["roles"]
    return with_roles(Path(revision_file).with_suffix(".sql").read_text("utf-8"), roles)


def with_roles(script: str, roles: Roles) -> str:
    """The script with its role placeholders replaced."""
    return _ROLE.sub(lambda found: str(getattr(roles, found[1])), script)


def _execute(script: str) -> None:
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None
    driver.run_async(lambda connection: connection.execute(script))
