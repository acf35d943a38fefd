"""retention"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run_sql(__file__)
